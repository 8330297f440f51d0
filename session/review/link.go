package review

import (
	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
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

// elsewhere counts the names that a file has below and that the layer neither
// holds nor hides.
func (w *walker) elsewhere(group []*linkedNode) {
	for _, l := range group {
		if l.base != "" {
			l.c.OtherLinks = int(l.low.Nlink) - w.covered[identityOf(l.low)]
		}
	}
}

// cover notes that the layer holds or hides a name of a real file.
func (w *walker) cover(low *vfs.Attr) {
	if low.Nlink > 1 && !low.IsDir() {
		w.covered[identityOf(low)]++
	}
}
