package overlayfs

import (
	"errors"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

func probeWhiteout(dir string) bool {
	name := dir + "/whiteout"
	if hostpath.Mknod(name, unix.S_IFCHR, 0) != nil {
		return false
	}
	hostpath.Unlink(name)
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
		_, err := hostpath.Lgetxattr(host, xattrWhiteout, nil)
		return err == nil
	}
	return false
}

// makeWhiteout makes a whiteout at a free host path, which lies in the upper
// directory n or will be moved there.
func (f *FS) makeWhiteout(n *node, host string) error {
	if !f.noNodes {
		return f.linkWhiteout(host)
	}
	if !n.xwhite {
		if err := setMark(f.upper(n.path()), xattrOpaque, "x"); err != nil {
			return err
		}
		n.xwhite = true
	}
	if err := hostpath.Mknod(host, unix.S_IFREG|0o600, 0); err != nil {
		return err
	}
	return setMark(host, xattrWhiteout, "y")
}

// linkWhiteout makes a whiteout as one more name of the one in tmp: a new inode
// costs far more, and the kernel's overlay shares them too.
func (f *FS) linkWhiteout(host string) error {
	if f.whiteout != "" {
		err := hostpath.Link(f.whiteout, host)
		switch err {
		case unix.EMLINK, unix.ENOENT, unix.EPERM, unix.EXDEV:
			hostpath.Unlink(f.whiteout) // full, gone, or links are not to be had
			f.whiteout = ""
		default:
			return err
		}
	}
	name := f.scratch()
	if err := hostpath.Mknod(name, unix.S_IFCHR, 0); err != nil {
		return err
	}
	if hostpath.Link(name, host) == nil {
		f.whiteout = name
		return nil
	}
	return hostpath.Rename(name, host)
}

// cover puts a whiteout at name in n in place of a file, or where nothing is.
func (f *FS) cover(n *node, name, host string) error {
	if err := f.makeWhiteout(n, host); errors.Is(err, unix.EEXIST) {
		tmp := f.scratch()
		if err := f.makeWhiteout(n, tmp); err != nil {
			return err
		}
		err := hostpath.Rename(tmp, host)
		hostpath.Unlink(tmp) // still there if both are names of one whiteout
		if err != nil {
			return err
		}
	} else if err != nil {
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
	return hostpath.Unlink(host)
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
