package review

import (
	"fmt"
	"path"

	"github.com/veduta/veduta/vfs"
)

// scan finds what renames took away before anything is compared: a source may
// come after its target in the order of paths.
func (w *walker) scan(top *node) error {
	whiteouts := map[string]bool{}
	if err := w.scanDirs(top, w.l.lower, whiteouts); err != nil {
		return err
	}
	w.scanFiles(top, whiteouts)
	return nil
}

func (w *walker) scanDirs(n *node, through string, whiteouts map[string]bool) error {
	for _, k := range n.kids {
		if k.whiteout {
			whiteouts[k.path] = true
			continue
		}
		if !k.attr.IsDir() {
			continue
		}
		next := ""
		if through != "" && !k.opaque {
			next = path.Join(through, path.Base(k.path))
		}
		if src := k.source(*w.l, through); src != "" && src != next && isDir(src) {
			if other, twice := w.moved[src]; twice {
				return fmt.Errorf("upper layer: %s and %s both claim to have been %s; discard one of them", other, k.path, src)
			}
			w.moved[src], k.from, next = k.path, src, src
		}
		if err := w.scanDirs(k, next, whiteouts); err != nil {
			return err
		}
	}
	return nil
}

// scanFiles finds files that were copied up at a path which a whiteout hides
// now. Where there is another file instead, both names stand for themselves, as
// after an editor's backup.
func (w *walker) scanFiles(n *node, whiteouts map[string]bool) {
	for _, k := range n.kids {
		if k.whiteout {
			continue
		}
		if k.attr.IsDir() {
			w.scanFiles(k, whiteouts)
			continue
		}
		o := w.history.byID[k.id]
		if o == nil {
			continue
		}
		src := w.l.real(o)
		if _, taken := w.moved[src]; taken || src == k.path || !whiteouts[src] {
			continue
		}
		low, err := vfs.HostLstat(src)
		if err != nil || low.Ino != o.LowerIno || low.Kind() != k.attr.Kind() {
			continue
		}
		w.moved[src], k.from = k.path, src
	}
}

// hider is what stands where a rename took something away.
type hider struct {
	n      *node
	parent *Change // the renamed directory that it is in
}

// unmove takes back that a file was renamed, as it replaces another: that is
// modified, and the old name deleted.
func (w *walker) unmove(n *node) {
	if n.from == "" || n.attr.IsDir() {
		return
	}
	delete(w.moved, n.from)
	if h, passed := w.hiders[n.from]; passed && h.n.whiteout {
		w.deleted(h.n, h.n.path, n.from, h.parent, nil)
	}
}

// fileSource is the real path that a file was renamed from, if it was.
func (w *walker) fileSource(n *node) string {
	if n.attr.IsDir() {
		return ""
	}
	return n.from
}

func isDir(p string) bool {
	a, err := vfs.HostLstat(p)
	return err == nil && a.IsDir()
}
