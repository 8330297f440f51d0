package overlayfs

import (
	"errors"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

func probeWhiteout(dir string) bool {
	name := dir + "/whiteout"
	if unix.Mknod(name, unix.S_IFCHR, 0) != nil {
		return false
	}
	unix.Unlink(name)
	return true
}

// isWhiteout tells from attributes of the host; files says that the directory
// may have whiteouts in the form of plain files.
func isWhiteout(a *vfs.Attr, host string, files bool) bool {
	switch a.Kind() {
	case unix.S_IFCHR:
		return a.Rdev() == 0
	case unix.S_IFREG:
		if !files || a.Size != 0 {
			return false
		}
		_, err := unix.Lgetxattr(host, xattrWhiteout, nil)
		return err == nil
	}
	return false
}

// makeWhiteout makes a whiteout at a free host path, which lies in the upper
// directory n or will be moved there.
func (f *FS) makeWhiteout(n *node, host string) error {
	if !f.noNodes {
		return unix.Mknod(host, unix.S_IFCHR, 0)
	}
	if !n.xwhite {
		if err := setMark(f.upper(n.path()), xattrOpaque, "x"); err != nil {
			return err
		}
		n.xwhite = true
	}
	if err := unix.Mknod(host, unix.S_IFREG|0o600, 0); err != nil {
		return err
	}
	return setMark(host, xattrWhiteout, "y")
}

// cover puts a whiteout at name in n in place of a file, or where nothing is.
func (f *FS) cover(n *node, name, host string) error {
	tmp := f.scratch()
	if err := f.makeWhiteout(n, tmp); err != nil {
		return err
	}
	if err := unix.Rename(tmp, host); err != nil {
		unix.Unlink(tmp)
		return err
	}
	n.covered[name] = struct{}{}
	delete(n.tombs, name)
	return nil
}

// uncover takes away the whiteout at host, if there is one, for a name that is
// about to be made in place, and remembers that nothing shows through.
func (f *FS) uncover(n *node, name, host string) error {
	a, err := vfs.HostLstat(host)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return err
	}
	if !isWhiteout(&a, host, n.xwhite) {
		return unix.EEXIST
	}
	n.tombs[name] = struct{}{}
	return unix.Unlink(host)
}

// sealTombs puts back the whiteouts of files that were never created.
func (f *FS) sealTombs(n *node, p string) {
	for name := range n.tombs {
		host := f.upper(join(p, name))
		if _, err := vfs.HostLstat(host); errors.Is(err, unix.ENOENT) {
			f.cover(n, name, host)
		}
	}
	for name, k := range n.kids {
		f.sealTombs(k, join(p, name))
	}
}
