package owner

import (
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Plan says with which mode an open(2) has to create a file in a directory
// (attributes of the view), and whether Created must then be called for it.
func (s *Store) Plan(dir *vfs.Attr, how vfs.How) (mode uint32, stamp bool) {
	want := Inherit(dir, unix.S_IFREG|how.Mode&0o7777, how.Owner)
	if s == nil {
		return want.Mode & 0o7777, false
	}
	b := s.Backing(want.Mode)
	if s.Native && dir.Mode&unix.S_ISGID != 0 {
		// The kernel itself lets the file inherit the group.
		return b & 0o7777, s.RealUID != want.Owner.UID
	}
	return b & 0o7777, b != want.Mode || s.Fresh() != want.Owner
}

// Created makes the file behind fd, which an open(2) has just made in dir
// (attributes of the view, and host path), show the owner and mode asked for.
func (s *Store) Created(dir *vfs.Attr, host string, fd int, how vfs.How) error {
	f, err := of(fd)
	if err != nil {
		return err
	}
	want := Inherit(dir, unix.S_IFMT&uint32(f.raw.Mode)|how.Mode&0o7777, how.Owner)
	lost := s.Backing(want.Mode) &^ uint32(f.raw.Mode) & 0o777
	if lost != 0 && HasDefaultACL(host) {
		want.Mode &^= lost
	}
	return s.settle(f, want)
}

// Watch notes the file at a host path before it is removed; what it returns is
// to be called after, and forgets the record of a file that is gone.
func (s *Store) Watch(host string) func() {
	if s == nil || s.Native || s.Sidecar.empty() {
		return func() {}
	}
	a, err := vfs.HostLstat(host)
	if err != nil || !a.IsDir() && a.Nlink > 1 {
		return func() {}
	}
	return func() {
		s.Sidecar.Forget(&a)
		s.Sidecar.forgetXattrs(&a)
	}
}

func (s *Sidecar) empty() bool {
	if s == nil {
		return true
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.m) == 0 && len(s.xattrs) == 0
}
