package owner

import (
	"errors"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Unlock makes a file that its mode closes to the monitor's own user accessible
// to it; the mode that it shows stays, on record from now on. Who may do what
// with the file is for the view to decide.
func (s *Store) Unlock(path string) error {
	if !s.Records() {
		return unix.EACCES
	}
	f, err := hold(path)
	if err != nil {
		return err
	}
	defer f.close()
	if f.raw.Uid != s.RealUID || f.raw.IsLink() || uint32(f.raw.Perm())&0o600 == 0o600 {
		return unix.EACCES
	}
	shown := f.raw
	if err := s.Fix(&shown, f.path); err != nil {
		return err
	}
	return s.settle(f, InodeOf(&shown))
}

// KeepSetID puts set-id bits of the file itself on record, where guests of other
// ids than the monitor's may write it: the kernel takes them off the file then,
// of whoever writes without CAP_FSETID, as the monitor's user does.
func (s *Store) KeepSetID(path string) error {
	if !s.Records() || s.Plain() {
		return nil
	}
	f, err := hold(path)
	if err != nil {
		return err
	}
	defer f.close()
	if f.raw.Uid != s.RealUID || f.raw.Kind() != unix.S_IFREG || f.raw.Mode&(unix.S_ISUID|unix.S_ISGID) == 0 {
		return nil
	}
	shown := f.raw
	if err := s.Fix(&shown, f.path); err != nil {
		return err
	}
	return s.settle(f, InodeOf(&shown))
}

// unlocked does something with a file that is closed to the monitor's user.
func (s *Store) unlocked(path string, do func() error) error {
	err := do()
	if errors.Is(err, unix.EACCES) && s.Unlock(path) == nil {
		return do()
	}
	return err
}

// Locked tells that a file which shows these attributes may be closed to the
// monitor's own user.
func Locked(a *vfs.Attr) bool {
	kind := a.Kind()
	return a.Perm()&0o600 != 0o600 && (kind == unix.S_IFREG || kind == unix.S_IFDIR)
}
