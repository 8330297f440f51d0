package review

import (
	"path/filepath"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// copyTree copies a real directory as it is, but for what renames take out of
// it: the way to move one to another mount.
func (p *plan) copyTree(src, dst string) error {
	if err := hostpath.Mkdir(dst, 0o700); err != nil {
		return err
	}
	entries, err := hostpath.ReadDir(src)
	if err != nil {
		return err
	}
	for _, e := range entries {
		from, to := filepath.Join(src, e.Name()), filepath.Join(dst, e.Name())
		if p.leaves(from) {
			continue
		}
		if e.IsDir() {
			err = p.copyTree(from, to)
		} else {
			err = p.copyNode(from, to)
		}
		if err != nil {
			return err
		}
	}
	return p.copyAttrs(src, dst)
}

func (p *plan) leaves(real string) bool {
	for _, c := range p.changes {
		if c.Kind == Renamed && c.base == real {
			return true
		}
	}
	return false
}

// copyNode copies a file that is no directory. Names of one file that are in the
// tree stay names of one file.
func (p *plan) copyNode(src, dst string) error {
	a, err := vfs.HostLstat(src)
	if err != nil {
		return err
	}
	id := identityOf(&a)
	if a.Nlink > 1 {
		if first, ok := p.copied[id]; ok {
			return hostpath.Link(first, dst)
		}
		p.copied[id] = dst
	}
	switch a.Kind() {
	case unix.S_IFREG:
		err = copyFile(dst, src)
	case unix.S_IFLNK:
		var target string
		if target, err = hostpath.Target(src); err == nil {
			err = hostpath.Symlink(target, dst)
		}
	default:
		err = hostpath.Mknod(dst, a.Kind()|0o600, int(a.Rdev()))
	}
	if err != nil {
		return err
	}
	return p.copyAttrs(src, dst)
}

func (p *plan) copyAttrs(src, dst string) error {
	a, err := vfs.HostLstat(src)
	if err != nil {
		return err
	}
	mode, atime, mtime := a.Perm(), nanos(a.Atime), nanos(a.Mtime)
	w := &attrs{UID: &a.Uid, GID: &a.Gid, Mode: &mode, Atime: &atime, Mtime: &mtime}
	if !a.IsLink() {
		w.Xattr = p.reader().attributes(src)
	}
	return w.applyPath(dst)
}
