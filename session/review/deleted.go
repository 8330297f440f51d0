package review

import (
	"path"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
)

// deleted lists the deletion of what is at the real path base now, with all
// that is in it; p is the path in the view. by is the node that hides it, parent
// the renamed directory that it is in, under the change that takes it along.
func (w *walker) deleted(by *node, p, base string, parent, under *Change) {
	if _, moved := w.moved[base]; moved {
		return
	}
	low, err := vfs.HostLstat(base)
	if err != nil {
		return // gone below, too
	}
	w.cover(&low)
	c := &Change{
		Path: session.Path(p), Kind: Deleted, Type: typeNames[low.Kind()],
		Size: size(&low), Mode: low.Perm(), UID: low.Uid, GID: low.Gid,
		n: by, base: base, layer: w.l, parent: parent, under: under, dir: path.Dir(base),
	}
	if p != base {
		c.From = session.Path(base)
	}
	if low.IsLink() {
		target, _ := hostpath.Target(base)
		c.Target = session.Path(target)
	}
	c.origin = w.history.of(w.l, p, base, &low, identity{})
	w.out = append(w.out, c)
	if low.IsDir() {
		w.contents(by, p, base, c)
	}
}

// contents lists the deletion of what is in a directory.
func (w *walker) contents(by *node, p, base string, under *Change) {
	entries, err := hostpath.ReadDir(base)
	if err != nil {
		under.Unseen = true
	}
	for _, e := range entries {
		w.deleted(by, path.Join(p, e.Name()), path.Join(base, e.Name()), under.parent, under)
	}
}
