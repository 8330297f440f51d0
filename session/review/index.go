package review

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// linkIndex is where vfs/overlayfs keeps a link of each file that it copied up
// and that has other names below.
func linkIndex(s *session.Session) string { return filepath.Join(s.Work(), "index") }

// indexed tells of files that were changed by a name that is no longer theirs:
// the layer holds no name of them, the index does, and the view shows them
// changed by the names that they have left.
func (w *walker) indexed(index string, top *node) error {
	entries, err := os.ReadDir(index)
	if err != nil {
		return nil // no index
	}
	held := map[identity]bool{}
	top.each(func(n *node) { held[n.id] = true })
	lost := map[identity]lostFile{}
	for _, e := range entries {
		link := filepath.Join(index, e.Name())
		a, err := vfs.HostLstat(link)
		if err != nil || held[identityOf(&a)] {
			continue
		}
		o := w.history.byID[identityOf(&a)]
		if o == nil || w.l.real(o) == "" {
			continue
		}
		if src, low := w.origin(o); int(low.Nlink) > w.covered[identityOf(&low)] {
			lost[identityOf(&low)] = lostFile{link, src}
		}
	}
	if len(lost) == 0 {
		return nil
	}
	return w.nameLost(lost, top)
}

// lostFile is a real file whose changed self is known to the index alone.
type lostFile struct {
	link string // in the index
	src  string // the name that is known
}

// nameLost looks for the names of files by walking what lies below: nothing else
// knows them. It is rare, and so may take its time.
func (w *walker) nameLost(lost map[identity]lostFile, top *node) error {
	names := map[identity][]string{}
	hidden := map[string]bool{}
	for _, c := range w.out {
		hidden[c.base] = true
	}
	top.each(func(n *node) { hidden[n.path] = true })
	err := filepath.WalkDir(w.l.lower, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || hidden[p] {
			return nil
		}
		a, err := vfs.HostLstat(p)
		if err == nil && a.Nlink > 1 && lost[identityOf(&a)].link != "" {
			names[identityOf(&a)] = append(names[identityOf(&a)], p)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id, f := range lost {
		if err := w.changedElsewhere(f, names[id]); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) changedElsewhere(f lostFile, names []string) error {
	var group []*linkedNode
	for _, p := range names {
		n, err := w.r.node(f.link, w.future(p))
		if err != nil {
			return err
		}
		low, err := vfs.HostLstat(p)
		if err != nil || low.Kind() != n.attr.Kind() {
			continue
		}
		c := w.change(Modified, n, place{real: filepath.Dir(p), parent: w.mover(p), owner: ids{low.Uid, low.Gid}}, p, &low)
		w.compare(c, &low)
		if !c.differs() || n.raw.Kind() == unix.S_IFDIR {
			continue
		}
		c.OtherLinks, c.needs = len(names)-1, f.src
		group = append(group, &linkedNode{n, c, p, &low})
		w.out = append(w.out, c)
	}
	for _, l := range group {
		l.c.group = group
	}
	return nil
}

// future is where a real path is after the renames.
func (w *walker) future(p string) string {
	for d := p; d != w.l.lower && d != "/"; d = filepath.Dir(d) {
		if to, ok := w.moved[d]; ok {
			return to + p[len(d):]
		}
	}
	return p
}

// mover is the renamed directory that a real path is in; nil if there is none.
func (w *walker) mover(p string) (inner *Change) {
	for _, c := range w.out {
		if c.moves() && within(p, c.base) && (inner == nil || len(c.base) > len(inner.base)) {
			inner = c
		}
	}
	return inner
}
