package overlayfs

import (
	"fmt"
	"strings"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

// openRoot makes the node of the root directory.
func (f *FS) openRoot() error {
	up, err := vfs.HostLstat(f.o.Upper)
	if err != nil {
		return fmt.Errorf("%s: %w", f.o.Upper, err)
	}
	f.upperDev = up.Dev()
	f.root = &node{lpath: "/", id: idOf(&up)}
	for i, l := range f.o.Lower {
		a, err := vfs.HostLstat(l)
		if err != nil {
			return fmt.Errorf("%s: %w", l, err)
		}
		if !a.IsDir() {
			return fmt.Errorf("%s: %w", l, unix.ENOTDIR)
		}
		if i == 0 {
			f.root.low = idOf(&a)
			if err := f.raiseRoot(&up, &a); err != nil {
				return fmt.Errorf("%s: %w", f.o.Upper, err)
			}
		}
		f.root.lowers = append(f.root.lowers, lowerDir{strings.TrimSuffix(l, "/"), i})
	}
	f.root.readMarks(f.o.Upper)
	if f.root.opaque {
		f.root.lowers = nil
	}
	f.adopt(f.root)
	if f.origins.redirected {
		return f.loadAll(f.root, "/")
	}
	return nil
}

// raiseRoot gives a new upper layer's root the attributes of the lower one, as a
// copy-up would. A root with an origin, or with anything in it, has its own.
func (f *FS) raiseRoot(up, low *vfs.Attr) error {
	if _, ok := f.origins.of(up); ok {
		return nil
	}
	if list, err := peekDir(f.o.Upper); err != nil || len(list) > 2 {
		return err
	}
	want := *low
	if err := f.fixLowerIDs(&want, f.o.Lower[0]); err != nil {
		return err
	}
	if err := f.o.Owners.CopyXattrs(f.o.Lower[0], f.o.Upper); err != nil {
		return err
	}
	if err := f.o.Owners.SettlePath(f.o.Upper, owner.InodeOf(&want)); err != nil {
		return err
	}
	if err := setTimes(f.o.Upper, low); err != nil {
		return err
	}
	return f.origins.add(f.originOf("/", low, f.o.Lower[0], up))
}
