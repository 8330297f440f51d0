package vfs

import (
	"time"

	"golang.org/x/sys/unix"
)

// List lists a directory that is merged or virtual. ErrFar if that may have to be
// waited for, and the caller is not patient.
func (t *Tree) List(d *Dir, patient bool) ([]Dirent, error) {
	t.mu.Lock()
	m, p, dead := d.mount, d.fsPath, d.dead
	t.mu.Unlock()
	if dead {
		return nil, unix.ENOENT
	}
	if err := m.near(p, "", patient); err != nil {
		return nil, err
	}
	return m.FS.List(p)
}

// Enter gives the directory that the end of a walk stands for. ENOTDIR, ENOENT.
func (t *Tree) Enter(w *Where) (*Dir, error) {
	if w.Name == "" {
		return w.Dir, nil
	}
	if _, err := w.FS.Dir(w.Path()); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.child(w.Dir, w.Name), nil
}

// Stale has a directory learnt anew, after a change of its attributes.
func (t *Tree) Stale(d *Dir) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.change++
	t.perm++
	d.loaded = time.Time{}
}

// StaleAt is Stale for what the end of a walk stands for.
func (t *Tree) StaleAt(w *Where) {
	t.mu.Lock()
	d := w.Dir
	if w.Name != "" {
		d = d.children[w.Name]
	}
	t.mu.Unlock()
	if d != nil {
		t.Stale(d)
	}
}
