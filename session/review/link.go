package review

import (
	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/overlayfs"
	"golang.org/x/sys/unix"
)

// linkedNode is one name of a file that has several in the upper layer or below.
type linkedNode struct {
	n    *node
	c    *Change // nil: nothing but the links may differ
	base string
	low  *vfs.Attr
}

// link notes a name of a file with several; c need not have been listed.
func (w *walker) link(n *node, c *Change, base string, low *vfs.Attr) {
	if n.raw.Kind() == unix.S_IFDIR || n.raw.Nlink < 2 && (low == nil || low.Nlink < 2) {
		return
	}
	w.linked[n.id] = append(w.linked[n.id], &linkedNode{n, c, base, low})
}

// links tells of names that are one file in the view and not below.
func (w *walker) links() {
	for _, group := range w.linked {
		w.elsewhere(group)
		w.adopt(group)
		if len(group) < 2 {
			continue
		}
		var first *linkedNode
		for _, l := range group {
			if l.base != "" {
				first = l
				break
			}
		}
		for _, l := range group {
			w.linkOf(l, first, group)
		}
	}
}

func (w *walker) linkOf(l, first *linkedNode, group []*linkedNode) {
	for _, o := range group {
		if o != l {
			l.c.Links = append(l.c.Links, session.Path(o.n.path))
		}
	}
	l.c.group = group
	if l.c.alias != nil {
		return
	}
	if l.base == "" {
		l.c.LinkChange = true
		return
	}
	if l == first || l.low.Ino == first.low.Ino && l.low.Dev() == first.low.Dev() {
		return
	}
	if !l.c.differs() {
		w.out = append(w.out, l.c)
	}
	l.c.LinkChange = true
}

// elsewhere counts the names that a file that was copied up has below and that
// the layer neither holds nor hides.
func (w *walker) elsewhere(group []*linkedNode) {
	for _, l := range group {
		o := w.history.byID[l.n.id]
		if l.base != "" && o != nil && o.LowerIno == l.low.Ino {
			l.c.OtherLinks = int(l.low.Nlink) - w.covered[identityOf(l.low)]
		}
	}
}

// adopt finds files that were copied up from one of several names, are no longer
// at any of those, and still are one file with names that the layer does not
// hold: then the change is another name of that real file, and what differs
// goes into it.
func (w *walker) adopt(group []*linkedNode) {
	n := group[0].n
	o := w.history.byID[n.id]
	if o == nil || int(n.raw.Nlink) <= len(group) {
		return // the overlay's index has no name of it
	}
	src, low := w.origin(o)
	if src == "" || int(low.Nlink) <= w.covered[identityOf(&low)] {
		return
	}
	for _, l := range group {
		if l.base != "" && identityOf(l.low) == identityOf(&low) {
			return
		}
	}
	for _, l := range group {
		if !l.c.differs() && l.c.Kind == Modified {
			w.out = append(w.out, l.c)
		}
		alias := *l.c
		alias.Kind, alias.base = Modified, src
		alias.ModeChange, alias.OwnerChange, alias.XattrChange, alias.TimesChange, alias.Content = nil, nil, nil, nil, false
		w.compare(&alias, &low)
		l.c.alias, l.c.LinkChange, l.c.needs = &alias, true, src
		l.c.OtherLinks = int(low.Nlink) - w.covered[identityOf(&low)]
	}
}

// origin is the real file with several names that a line of the log is about.
func (w *walker) origin(o *overlayfs.Origin) (string, vfs.Attr) {
	for _, p := range []string{string(o.LowerPath), w.l.real(o)} {
		if a, err := vfs.HostLstat(p); p != "" && err == nil && a.Ino == o.LowerIno && a.Nlink > 1 && !a.IsDir() {
			return p, a
		}
	}
	return "", vfs.Attr{}
}

// cover notes that the layer holds or hides a name of a real file.
func (w *walker) cover(low *vfs.Attr) {
	if low.Nlink > 1 && !low.IsDir() {
		w.covered[identityOf(low)]++
	}
}
