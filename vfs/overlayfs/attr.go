package overlayfs

import (
	"strings"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Lstat implements vfs.FileSystem.
func (f *FS) Lstat(path string) (vfs.Attr, error) {
	var a vfs.Attr
	err := f.ask(path, func(r *found) error {
		var err error
		a, err = f.attr(r)
		return err
	})
	return a, err
}

// attr turns the attributes of a host file into those of the view.
func (f *FS) attr(r *found) (vfs.Attr, error) {
	a := r.raw
	if r.layer == inLower {
		return a, f.fixLowerAttr(&a, r.host)
	}
	if err := f.o.Owners.Fix(&a, r.host); err != nil {
		return a, err
	}
	if a.IsDir() {
		f.identifyDir(&a, r.node, r.rest == "")
	} else {
		f.identify(&a, &r.raw, r.node.dev)
	}
	return a, nil
}

func (f *FS) fixLowerAttr(a *vfs.Attr, path string) error {
	if !a.IsDir() && a.Nlink > 1 {
		if covered, count := f.origins.hidden(idOf(a)); count > 0 {
			a.Nlink = count - min(covered, count)
		}
	}
	if f.fixLower {
		return f.o.Owners.Fix(a, path)
	}
	f.o.Owners.Map(a)
	return nil
}

// identifyDir gives an upper directory its numbers: those of the lower one
// where it merges. The link count of such a one is 1, as in the kernel's
// overlay: programs take it as unknown.
func (f *FS) identifyDir(a *vfs.Attr, n *node, itself bool) {
	if itself && !n.pure() {
		a.SetDev(n.low.dev)
		a.Ino, a.Nlink = n.low.ino, 1
		return
	}
	a.SetDev(n.dev)
}

// identify gives an upper file that is no directory its numbers: those that it
// had before it was copied up, else its own on the device of the place.
func (f *FS) identify(a, raw *vfs.Attr, dev uint64) {
	o, ok := f.origins.of(raw)
	if !ok {
		a.SetDev(dev)
		return
	}
	a.SetDev(o.LowerDev)
	a.Ino = o.LowerIno
	covered, count := f.origins.hidden(fileID{o.LowerDev, o.LowerIno})
	if count == 0 {
		return
	}
	// One link is the index's, while any name is left; names not taken over are
	// still the lower's.
	if a.Nlink > 0 {
		a.Nlink--
	}
	if count > covered {
		a.Nlink += count - covered
	}
}

// Readlink implements vfs.FileSystem.
func (f *FS) Readlink(path string) (string, error) {
	var target string
	err := f.ask(path, func(r *found) error {
		if !r.raw.IsLink() {
			return unix.EINVAL
		}
		buf := make([]byte, unix.PathMax)
		n, err := hostpath.Readlink(r.host, buf)
		if err == nil {
			target = string(buf[:n])
		}
		return err
	})
	return target, err
}

// Truthful implements vfs.FileSystem.
func (f *FS) Truthful() bool {
	return !f.o.Owners.Records() && !f.foreign.Load() && !f.origins.shown.Load()
}

// FixAttr implements vfs.FileSystem.
func (f *FS) FixAttr(a *vfs.Attr, proc string) error {
	raw := *a
	o, raised := f.origins.raisedFrom(idOf(&raw))
	raised = raised && !raw.IsDir()
	if raised {
		if b, ok := f.successor(o); ok {
			*a = b
			return nil
		}
	}
	err := f.fixAttr(a, &raw, proc)
	if raised && o.LowerNlink < 2 {
		a.Nlink = 0 // its only name has gone
	}
	f.orphans.apply(idOf(&raw), a)
	return err
}

func (f *FS) fixAttr(a, raw *vfs.Attr, proc string) error {
	if p, ok := f.covering(raw); ok {
		b, err := f.Lstat(p)
		if err == nil {
			*a = b
		}
		return err
	}
	if raw.Dev() != f.upperDev && raw.Nlink == 0 {
		return f.o.Owners.Fix(a, proc) // a memfd, perhaps, which may bear a record
	}
	if raw.Dev() != f.upperDev {
		return f.fixLowerAttr(a, proc)
	}
	f.mu.RLock()
	n, foreign := f.merged[idOf(raw)], f.foreign.Load()
	f.mu.RUnlock()
	if err := f.o.Owners.Fix(a, proc); err != nil {
		return err
	}
	if n != nil && raw.IsDir() {
		f.identifyDir(a, n, true)
		return nil
	}
	dev := raw.Dev()
	if foreign {
		dev = f.devOf(proc, dev)
	}
	if !raw.IsDir() {
		f.identify(a, raw, dev)
	} else {
		a.SetDev(dev)
	}
	return nil
}

// successor are the attributes of the upper file that has come to stand for a
// lower one, which somebody still holds open: as in the kernel's overlay, these
// are one file.
func (f *FS) successor(o *Origin) (a vfs.Attr, ok bool) {
	if o.Ino == 0 {
		return a, false
	}
	err := f.ask(string(o.Path), func(r *found) error {
		ok = false
		if was, came := f.origins.of(&r.raw); r.layer != inUpper || !came || was.Ino != o.Ino {
			return nil
		}
		var err error
		a, err = f.attr(r)
		ok = err == nil
		return err
	})
	return a, ok && err == nil
}

// covering is the path of the upper directory that has come to lie over a lower
// one since somebody opened that.
func (f *FS) covering(low *vfs.Attr) (path string, ok bool) {
	if !low.IsDir() {
		return "", false
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	n := f.covers[idOf(low)]
	if n == nil {
		return "", false
	}
	return n.path(), true
}

// devOf is the device that the file behind a magic link shows: that of its
// place if it is an upper one.
func (f *FS) devOf(proc string, own uint64) uint64 {
	host, err := readMagic(proc)
	if err != nil {
		return own
	}
	rel, ok := f.inUpperTree(strings.TrimSuffix(host, " (deleted)"))
	if !ok {
		return own
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	p, err := f.locate(rel)
	if err != nil {
		return own
	}
	return p.node.dev
}

func readMagic(proc string) (string, error) {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlink(proc, buf)
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}
