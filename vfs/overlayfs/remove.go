package overlayfs

import (
	"errors"
	"os"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Unlink implements vfs.FileSystem.
func (f *FS) Unlink(path string) error {
	return f.change(func() error {
		r, err := f.find(path)
		if err != nil {
			return err
		}
		if r.raw.IsDir() {
			return unix.EISDIR
		}
		return f.remove(&r)
	})
}

// remove takes a file that is no directory out of the view: with a whiteout
// where a lower layer has the name.
func (f *FS) remove(r *found) error {
	low, err := f.below(&r.place)
	if err != nil && !isNone(err) {
		return err
	}
	hides := err == nil
	f.bereave(r)
	if r.layer == inUpper && !hides {
		gone := f.o.Owners.Watch(r.host)
		if err := hostpath.Unlink(r.host); err != nil {
			return err
		}
		gone()
		f.dropLast(&r.raw)
		return f.uncovered(r)
	}
	dir, base := split(r.path)
	n, err := f.upperDir(dir)
	if err != nil {
		return err
	}
	if r.layer != inUpper {
		if err := f.origins.add(f.originOf(r.path, &low.raw, low.host, f.indexed(r))); err != nil {
			return err
		}
		if low.raw.Nlink > 1 {
			f.tell("/") // as in install: its other names show one link less
		}
	}
	host := f.upper(r.path)
	gone := f.o.Owners.Watch(host)
	if err := f.cover(n, base, host); err != nil {
		return err
	}
	gone()
	f.dropLast(&r.raw)
	return nil
}

// indexed are the attributes of the upper file that a name of the index stands
// for, nil for a lower file.
func (f *FS) indexed(r *found) *vfs.Attr {
	if r.layer == inIndex {
		return &r.raw
	}
	return nil
}

// uncovered forgets a name of which nothing is left in the upper layer.
func (f *FS) uncovered(r *found) error {
	if r.one() {
		delete(r.node.covered, r.rest[1:])
		delete(r.node.tombs, r.rest[1:])
	}
	return nil
}

// dropLast removes the index's link to a file whose last name is gone.
func (f *FS) dropLast(raw *vfs.Attr) {
	o, ok := f.origins.of(raw)
	if !ok || o.LowerNlink < 2 {
		return
	}
	if a, err := vfs.HostLstat(f.indexName(o)); err != nil || a.Nlink > 1 {
		return
	}
	if covered, count := f.origins.hidden(fileID{o.LowerDev, o.LowerIno}); covered < count {
		return
	}
	hostpath.Unlink(f.indexName(o))
}

func isNone(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR)
}

// Rmdir implements vfs.FileSystem.
func (f *FS) Rmdir(path string) error {
	return f.change(func() error {
		r, err := f.find(path)
		if err != nil {
			return err
		}
		if err := f.removable(&r); err != nil {
			return err
		}
		return f.removeDir(&r)
	})
}

// removable tells whether a directory of the view is one, empty, and no place
// where the host has a mount.
func (f *FS) removable(r *found) error {
	if !r.raw.IsDir() {
		return unix.ENOTDIR
	}
	if r.path == "/" || f.isMount(r) {
		return unix.EBUSY
	}
	if r.rest == "" {
		if err := f.load(r.node, r.path); err != nil {
			return err
		}
	}
	list, err := f.list(r, peekDir)
	if err != nil {
		return err
	}
	if len(list) > 2 {
		return unix.ENOTEMPTY
	}
	return nil
}

// isMount tells whether a directory lies on another device than its parent: a
// mount of the host, which cannot be moved or removed.
func (f *FS) isMount(r *found) bool {
	switch {
	case r.layer == inLower:
		dir, _ := split(r.path)
		p, err := f.find(dir)
		if err != nil {
			return false
		}
		if p.layer == inUpper && p.rest == "" {
			return p.node.dev != r.raw.Dev()
		}
		return p.layer == inLower && p.raw.Dev() != r.raw.Dev()
	case r.rest == "" && r.node.parent != nil:
		return r.node.dev != r.node.parent.dev
	}
	return false
}

func (f *FS) removeDir(r *found) error {
	dir, base := split(r.path)
	n, err := f.upperDir(dir)
	if err != nil {
		return err
	}
	at := place{path: r.path, node: n, at: len(r.path) - len(base) - 1, rest: "/" + base}
	low, err := f.below(&at)
	if err != nil && !isNone(err) {
		return err
	}
	hides := err == nil
	host := f.upper(r.path)
	a, err := f.attr(r)
	if err != nil {
		return err
	}
	if r.layer != inUpper {
		if err := f.origins.add(f.originOf(r.path, &low.raw, low.host, nil)); err != nil {
			return err
		}
		err = f.cover(n, base, host)
	} else {
		err = f.takeAway(n, base, host, hides)
	}
	if err != nil {
		return err
	}
	if k := n.kids[base]; k != nil {
		f.bereaveDir(k, &a)
		f.forget(k)
	}
	f.tell(r.path)
	return nil
}

// takeAway removes an upper directory that holds at most whiteouts, and leaves
// one in its place if it hides something.
func (f *FS) takeAway(n *node, name, host string, hides bool) error {
	gone := f.o.Owners.Watch(host)
	tmp := f.scratch()
	f.noteRemoved(tmp, host)
	if hides {
		if err := f.makeWhiteout(n, tmp); err != nil {
			return err
		}
		if err := hostpath.Renameat2(tmp, host, unix.RENAME_EXCHANGE); err != nil {
			hostpath.Unlink(tmp)
			return err
		}
		n.covered[name] = struct{}{}
	} else if err := hostpath.Rename(host, tmp); err != nil {
		return err
	}
	gone()
	return os.RemoveAll(tmp)
}

// mostRemoved bounds what is remembered of removed directories.
const mostRemoved = 4096

// noteRemoved remembers which directory of the view a name in tmp was: a guest
// may still have it open, and its link in procfs tells the name.
func (f *FS) noteRemoved(tmp, host string) {
	if len(f.removed) >= mostRemoved {
		clear(f.removed)
	}
	if path, ok := f.inUpperTree(host); ok {
		f.removed[tmp] = path
	}
}
