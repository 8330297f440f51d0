package vfs

import (
	"maps"
	"slices"
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
	list, err := m.FS.List(p)
	if err != nil {
		return nil, err
	}
	return t.withAdded(d, list), nil
}

// withAdded adds the mount points to a list whose names are not in it.
func (t *Tree) withAdded(d *Dir, list []Dirent) []Dirent {
	t.mu.Lock()
	if len(d.over) == 0 {
		t.mu.Unlock()
		return list
	}
	missing := maps.Clone(d.over)
	t.mu.Unlock()
	for i := range list {
		delete(missing, list[i].Name)
	}
	for name, m := range missing {
		e := Dirent{Name: name, Type: uint8(m.kind >> 12)} // IFTODT, <dirent.h>
		if a, err := m.FS.Lstat(m.top()); err == nil {
			e.Ino = a.Ino
		}
		list = append(list, e)
	}
	return list
}

// added tells that there is a mount point in a directory whose name its file
// system does not have.
func (t *Tree) added(d *Dir, m *Mount, fsPath string) bool {
	t.mu.Lock()
	names := slices.Collect(maps.Keys(d.over))
	t.mu.Unlock()
	return slices.ContainsFunc(names, func(name string) bool {
		_, err := m.FS.Lstat(Join(fsPath, name))
		return Errno(err) == unix.ENOENT
	})
}

// dir is FS.Dir, which the root of a mount may not be.
func (m *Mount) dir(fsPath string) (Record, error) {
	r, err := m.FS.Dir(fsPath)
	if m.kind != unix.S_IFDIR && fsPath == m.top() {
		r, err = Record{Class: ClassBacked}, nil
		if m.Layers {
			r.Class = ClassMerged
		}
		if m.Layers || m.Owners {
			r.Flags |= AttrsDiffer
		}
	}
	if m.Magic {
		r.Flags |= Magic
	}
	return r, err
}

// Enter gives the directory that the end of a walk stands for. ENOTDIR, ENOENT.
func (t *Tree) Enter(w *Where) (*Dir, error) {
	if w.Name == "" {
		if w.Dir == w.Dir.mount.root && w.Dir.mount.kind != unix.S_IFDIR {
			return nil, unix.ENOTDIR
		}
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
	for _, c := range t.twins(d) {
		c.loaded = time.Time{}
	}
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
