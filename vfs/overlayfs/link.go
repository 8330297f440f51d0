package overlayfs

import (
	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Link implements vfs.FileSystem.
func (f *FS) Link(oldpath, newpath string) error {
	for {
		again := false
		err := f.change(func() error {
			r, err := f.find(oldpath)
			if err != nil {
				return err
			}
			if _, err := f.find(newpath); err == nil {
				return unix.EEXIST
			}
			if err := f.hasParent(newpath); err != nil {
				return err
			}
			if r.raw.IsDir() {
				return unix.EPERM
			}
			if r.layer != inUpper {
				again = true
				return nil
			}
			return f.link(&r, newpath)
		})
		if err != nil || !again {
			return err
		}
		if err := f.copyUp(oldpath, false); err != nil {
			return err
		}
	}
}

func (f *FS) link(r *found, newpath string) error {
	s, err := f.vacant(newpath)
	if err != nil {
		return err
	}
	if s.n.dev != r.node.dev {
		return unix.EXDEV
	}
	tmp := f.scratch()
	if err := hostpath.Link(r.host, tmp); err != nil {
		return err
	}
	if err := hostpath.Rename(tmp, s.host); err != nil {
		hostpath.Unlink(tmp)
		return err
	}
	s.n.covered[s.name] = struct{}{}
	return f.cameInto(s.n, &r.raw, r.host)
}

// cameInto marks a directory that a file was moved or linked into, if the
// kernel alone would not show that file as we do.
func (f *FS) cameInto(n *node, raw *vfs.Attr, host string) error {
	if f.o.Owners.Records() && raw.Kind() == unix.S_IFREG && !n.nodes {
		a := *raw
		if err := f.o.Owners.Fix(&a, host); err != nil {
			return err
		}
		if a.Kind() != unix.S_IFREG {
			return f.markNodes(n)
		}
	}
	if _, came := f.origins.of(raw); !came {
		return nil
	}
	return f.markImpure(n)
}
