package review

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Changes tells what a session changed, in the order of paths, directories
// before what is in them. Nothing changed is an empty list.
func Changes(s *session.Session) ([]*Change, error) {
	all, err := layers(s)
	if err != nil {
		return nil, err
	}
	own, err := owners(s)
	if err != nil {
		return nil, err
	}
	defer own.Sidecar.Close()
	log, err := readHistory(s)
	if err != nil {
		return nil, err
	}
	var out []*Change
	for _, l := range all {
		w := &walker{l: &l, r: reader{own}, history: log, moved: map[string]string{}, linked: map[identity][]*linkedNode{}, covered: map[identity]int{}, hiders: map[string]hider{}, opaque: map[string]*node{}}
		if err := w.run(linkIndex(s)); err != nil {
			return nil, fmt.Errorf("session %s: %w", s.Name(), err)
		}
		out = append(out, w.out...)
	}
	slices.SortStableFunc(out, func(a, b *Change) int { return comparePaths(string(a.Path), string(b.Path)) })
	return out, nil
}

// comparePaths orders a directory right before what is in it.
func comparePaths(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			if a[i] == '/' {
				return -1
			}
			if b[i] == '/' {
				return 1
			}
			return int(a[i]) - int(b[i])
		}
	}
	return len(a) - len(b)
}

// walker holds one layer against what lies below it.
type walker struct {
	l       *layer
	r       reader
	history *history
	// moved maps the real path of what a rename took away to where it goes.
	moved  map[string]string
	linked map[identity][]*linkedNode
	// covered counts names of real files with several.
	covered map[identity]int
	// hiders are the nodes that stand where a rename took something away, by
	// its real path: whiteouts, or what was made there since.
	hiders map[string]hider
	// opaque are the opaque directories that do so for all in them.
	opaque map[string]*node
	out    []*Change
}

// place is what lies below the directory that is being walked.
type place struct {
	through string // directory whose files show through; "" if none
	// real is the directory that is at the path now, or will be once the
	// renames above are made; "" if none. It differs from through if the upper
	// directory is opaque.
	real   string
	parent *Change // the added, retyped or renamed directory that this is
	owner  ids     // that the directory has, or will have
}

func (w *walker) run(index string) error {
	top, err := w.r.read(*w.l)
	if err != nil {
		return err
	}
	if err := w.scan(top); err != nil {
		return err
	}
	low, err := vfs.HostLstat(w.l.lower)
	if err != nil {
		return err
	}
	pl := place{through: w.l.lower, real: w.l.lower, owner: ids{low.Uid, low.Gid}}
	if err := w.dir(top, pl); err != nil {
		return err
	}
	w.top(top, &low)
	w.links()
	if err := w.indexed(index, top); err != nil {
		return err
	}
	for _, c := range w.out {
		if c.Kind == Renamed {
			c.hider, c.hidden = w.hiders[c.base].n, w.opaque[c.base]
		}
	}
	return nil
}

// top compares the mount point itself. The layer has its attributes from the
// first use on, which the log of origins tells.
func (w *walker) top(n *node, low *vfs.Attr) {
	if w.history.byID[n.id] == nil {
		return
	}
	c := w.change(Modified, n, place{real: path.Dir(w.l.lower), owner: ids{low.Uid, low.Gid}}, w.l.lower, low)
	w.compare(c, low)
	if c.differs() {
		w.out = append(w.out, c)
	}
}

// dir compares what is in a directory of the upper layer.
func (w *walker) dir(n *node, pl place) error {
	for _, k := range n.kids {
		if err := w.kid(k, pl); err != nil {
			return err
		}
	}
	if pl.real == "" || pl.real == pl.through {
		return nil
	}
	hidden, err := hostpath.ReadDir(pl.real)
	if err != nil {
		if pl.parent != nil {
			pl.parent.Unseen = true
		}
		return nil
	}
	for _, e := range hidden {
		p := path.Join(n.path, e.Name())
		if n.kid(p) == nil {
			if _, gone := w.moved[path.Join(pl.real, e.Name())]; gone {
				w.opaque[path.Join(pl.real, e.Name())] = n
			}
			w.deleted(n, p, path.Join(pl.real, e.Name()), pl.parent, nil)
		}
	}
	return nil
}

// kid finds the file in a directory that stands for a path.
func (n *node) kid(p string) *node {
	i, ok := slices.BinarySearchFunc(n.kids, p, func(k *node, p string) int { return strings.Compare(k.path, p) })
	if !ok {
		return nil
	}
	return n.kids[i]
}

func (w *walker) kid(n *node, pl place) error {
	base, low, unseen := w.below(n, pl)
	switch {
	case n.whiteout && base != "":
		w.deleted(n, n.path, base, pl.parent, nil)
		return nil
	case n.whiteout:
		return nil
	case n.attr.IsDir() && w.moved[n.from] == n.path && n.from != "":
		return w.renamed(n, pl, base, low)
	case base == "":
		return w.added(n, pl, unseen)
	}
	w.unmove(n)
	if low.Kind() != n.attr.Kind() {
		return w.retyped(n, pl, base, low)
	}
	return w.modified(n, pl, base, low)
}

// below finds the real file that a node is to be held against.
func (w *walker) below(n *node, pl place) (base string, low vfs.Attr, unseen bool) {
	switch {
	case pl.through != "":
		base = path.Join(pl.through, path.Base(n.path))
	case pl.real != "":
		base = path.Join(pl.real, path.Base(n.path))
	default:
		return "", low, false
	}
	if _, gone := w.moved[base]; gone {
		w.hiders[base] = hider{n, pl.parent}
		return "", low, false
	}
	low, err := vfs.HostLstat(base)
	if err != nil {
		return "", low, errors.Is(err, unix.EACCES)
	}
	return base, low, false
}

func (w *walker) added(n *node, pl place, unseen bool) error {
	if from := w.fileSource(n); from != "" {
		low, err := vfs.HostLstat(from)
		if err == nil {
			c := w.change(Renamed, n, pl, from, &low)
			w.compare(c, &low)
			w.keep(c)
			return nil
		}
	}
	c := w.change(Added, n, pl, "", nil)
	c.Unseen = unseen || w.history.unseen[path.Dir(n.path)]
	return w.keepDir(c, place{parent: c})
}

func (w *walker) retyped(n *node, pl place, base string, low vfs.Attr) error {
	c := w.change(Retyped, n, pl, base, &low)
	c.OldType, c.OldSize = typeNames[low.Kind()], size(&low)
	if low.IsDir() {
		w.contents(n, n.path, base, c)
	}
	return w.keepDir(c, place{parent: c})
}

func (w *walker) modified(n *node, pl place, base string, low vfs.Attr) error {
	c := w.change(Modified, n, pl, base, &low)
	w.compare(c, &low)
	below := place{through: base, real: base, parent: pl.parent}
	if n.opaque || pl.through == "" {
		below.through = ""
	}
	if !n.attr.IsDir() {
		w.link(n, c, base, &low)
	}
	if c.differs() {
		w.out = append(w.out, c)
	}
	if !n.attr.IsDir() {
		return nil
	}
	below.owner = ids{c.UID, c.GID}
	return w.dir(n, below)
}

func (w *walker) renamed(n *node, pl place, base string, low vfs.Attr) error {
	src, err := vfs.HostLstat(n.from)
	if err != nil {
		return err
	}
	c := w.change(Renamed, n, pl, n.from, &src)
	w.compare(c, &src)
	if base != "" {
		c.OldType = typeNames[low.Kind()]
		if low.IsDir() {
			w.contents(n, n.path, base, c)
		}
	}
	return w.keepDir(c, place{through: n.from, real: n.from, parent: c})
}

// keep lists a change of a file that is no directory.
func (w *walker) keep(c *Change) {
	w.out = append(w.out, c)
	w.link(c.n, c, "", nil)
}

// keepDir lists a change and walks what is in it, should it be a directory.
func (w *walker) keepDir(c *Change, below place) error {
	if !c.n.attr.IsDir() {
		w.keep(c)
		return nil
	}
	w.out = append(w.out, c)
	below.owner = ids{c.UID, c.GID}
	return w.dir(c.n, below)
}

// change makes a change of a node; low are the attributes of what it is
// compared with.
func (w *walker) change(k Kind, n *node, pl place, base string, low *vfs.Attr) *Change {
	id := w.wanted(&n.attr, low, pl.owner)
	if low != nil {
		w.cover(low)
	}
	c := &Change{
		Path: session.Path(n.path), Kind: k, Type: typeNames[n.attr.Kind()],
		Size: size(&n.attr), Mode: n.attr.Perm(), UID: id.uid, GID: id.gid,
		n: n, base: base, layer: w.l, parent: pl.parent, dir: pl.real,
	}
	if base != "" && base != n.path {
		c.From = session.Path(base)
	}
	switch n.attr.Kind() {
	case unix.S_IFLNK:
		target, _ := hostpath.Target(n.upper)
		c.Target = session.Path(target)
	case unix.S_IFCHR, unix.S_IFBLK:
		c.Rdev = n.attr.Rdev()
	}
	if low != nil {
		c.origin = w.history.of(w.l, n.path, base, low, n.id)
	} else {
		c.origin = w.history.lost(w.l, n.path, n.id)
	}
	return c
}

// size is that of the data; directories have none to speak of.
func size(a *vfs.Attr) int64 {
	if k := a.Kind(); k == unix.S_IFREG || k == unix.S_IFLNK {
		return int64(a.Size)
	}
	return 0
}
