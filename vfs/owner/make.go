package owner

import (
	"path/filepath"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Inherit applies the set-gid bit of the directory that a new file is made in
// (its attributes as the view shows them; inode(7)).
func Inherit(dir *vfs.Attr, mode uint32, o vfs.Owner) Inode {
	if dir.Mode&unix.S_ISGID != 0 {
		o.GID = dir.Gid
		if mode&unix.S_IFMT == unix.S_IFDIR {
			mode |= unix.S_ISGID
		}
	}
	return Inode{Mode: mode, Owner: o}
}

// Mkdir makes a directory at a host path that shows want.
func (s *Store) Mkdir(path string, want Inode) error {
	if err := hostpath.Mkdir(path, s.Backing(want.Mode)&0o7777); err != nil {
		return err
	}
	return s.finish(path, want, hostpath.Rmdir)
}

// Mknod makes a file of any other type but a link.
func (s *Store) Mknod(path string, want Inode) error {
	mode := s.Backing(want.Mode)
	if err := hostpath.Mknod(path, mode, int(want.Rdev)); err != nil {
		return err
	}
	return s.finish(path, want, hostpath.Unlink)
}

// Symlink makes a symbolic link.
func (s *Store) Symlink(target, path string, o vfs.Owner) error {
	if err := hostpath.Symlink(target, path); err != nil {
		return err
	}
	return s.finish(path, Inode{unix.S_IFLNK | 0o777, o, 0}, hostpath.Unlink)
}

// finish settles a new file and takes it away again if that fails: an owner is
// never lost silently.
func (s *Store) finish(path string, want Inode, undo func(string) error) error {
	f, err := hold(path)
	if err == nil {
		want.Mode &^= s.narrowed(f, path, want.Mode)
		err = s.settle(f, want)
		f.close()
	}
	if err != nil {
		undo(path)
	}
	return err
}

// narrowed are the bits that a default ACL of the parent has taken off a new
// file (acl(5)). Bits that merely the monitor's umask took are none of them.
func (s *Store) narrowed(f file, path string, mode uint32) uint32 {
	lost := s.Backing(mode) &^ uint32(f.raw.Mode) & 0o777
	if lost == 0 || !HasDefaultACL(filepath.Dir(path)) {
		return 0
	}
	return lost
}

// HasDefaultACL tells whether files made in a host directory inherit an ACL.
func HasDefaultACL(dir string) bool {
	var none [0]byte
	_, err := getxattr(dir, "system.posix_acl_default", none[:])
	return err == nil
}
