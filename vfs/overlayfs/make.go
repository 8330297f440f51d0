package overlayfs

import (
	"errors"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

// slot is a free name in an upper directory.
type slot struct {
	n    *node
	name string
	host string
	dir  vfs.Attr // of the directory, as the view shows it
	// covered: a whiteout lies there, or lay there for a file to be created.
	covered bool
}

// vacant finds the slot for a name that the view does not have, with its
// directory copied up. mu is held exclusively.
func (f *FS) vacant(path string) (slot, error) {
	if _, err := f.find(path); err == nil {
		return slot{}, unix.EEXIST
	} else if !errors.Is(err, unix.ENOENT) {
		return slot{}, err
	}
	dir, base := split(path)
	n, err := f.upperDir(dir)
	if err != nil {
		return slot{}, err
	}
	parent, err := f.find(dir)
	if err != nil {
		return slot{}, err
	}
	s := slot{n: n, name: base, host: f.upper(path)}
	if s.dir, err = f.attr(&parent); err != nil {
		return slot{}, err
	}
	if _, s.covered = n.tombs[base]; !s.covered {
		_, err := vfs.HostLstat(s.host)
		s.covered = err == nil
	}
	return s, nil
}

// hasParent tells whether there is a directory for a name.
func (f *FS) hasParent(path string) error {
	dir, _ := split(path)
	r, err := f.find(dir)
	if err == nil && !r.raw.IsDir() {
		err = unix.ENOTDIR
	}
	return err
}

// fill makes the file of a slot by build. Where a whiteout lies, that is done
// in the work directory, so that the lower file never shows; but a default ACL
// of the directory works only in place.
func (f *FS) fill(s slot, build func(host string) error) error {
	if !s.covered || owner.HasDefaultACL(f.upper(s.n.path())) {
		if err := f.uncover(s.n, s.name, s.host); err != nil {
			return err
		}
		err := build(s.host)
		if err != nil && s.covered {
			f.cover(s.n, s.name, s.host)
		}
		return err
	}
	tmp := f.scratch()
	if err := build(tmp); err != nil {
		return err
	}
	return f.replace(tmp, s.host)
}

// replace moves a new file or directory over a whiteout, or where none is.
func (f *FS) replace(tmp, host string) error {
	err := hostpath.Rename(tmp, host)
	if err == unix.ENOTDIR {
		if err = hostpath.Renameat2(tmp, host, unix.RENAME_EXCHANGE); err == nil {
			return hostpath.Unlink(tmp)
		}
	}
	return err
}

// Mkdir implements vfs.FileSystem.
func (f *FS) Mkdir(path string, mode uint32, o vfs.Owner) error {
	return f.change(func() error {
		s, err := f.vacant(path)
		if err != nil {
			return err
		}
		want := owner.Inherit(&s.dir, unix.S_IFDIR|mode&0o1777, o)
		err = f.fill(s, func(host string) error {
			if err := f.o.Owners.Mkdir(host, want); err != nil {
				return err
			}
			return f.seal(s.n, host)
		})
		if err != nil {
			return err
		}
		n, err := f.enter(s.n, s.name, s.host)
		if err != nil {
			return err
		}
		f.tell(path)
		return f.load(n, path)
	})
}

// seal makes a new directory opaque where one of a lower layer could show
// through, now or when the lower layer gets one.
func (f *FS) seal(parent *node, host string) error {
	if parent.pure() {
		return nil
	}
	return setMark(host, xattrOpaque, "y")
}

// Mknod implements vfs.FileSystem.
func (f *FS) Mknod(path string, mode uint32, rdev uint64, o vfs.Owner) error {
	if mode&unix.S_IFMT == 0 {
		mode |= unix.S_IFREG
	}
	if mode&unix.S_IFMT == unix.S_IFCHR && rdev == 0 {
		return unix.EPERM // it would be a whiteout
	}
	return f.change(func() error {
		s, err := f.vacant(path)
		if err != nil {
			return err
		}
		want := owner.Inherit(&s.dir, mode, o)
		want.Rdev = rdev
		if err := f.fill(s, func(host string) error { return f.o.Owners.Mknod(host, want) }); err != nil {
			return err
		}
		s.n.covered[s.name] = struct{}{}
		if t := mode & unix.S_IFMT; f.o.Owners.Records() && (t == unix.S_IFCHR || t == unix.S_IFBLK) {
			return f.markNodes(s.n)
		}
		return nil
	})
}

// Symlink implements vfs.FileSystem.
func (f *FS) Symlink(target, path string, o vfs.Owner) error {
	return f.change(func() error {
		s, err := f.vacant(path)
		if err != nil {
			return err
		}
		want := owner.Inherit(&s.dir, unix.S_IFLNK|0o777, o)
		s.n.covered[s.name] = struct{}{}
		return f.fill(s, func(host string) error { return f.o.Owners.Symlink(target, host, want.Owner) })
	})
}
