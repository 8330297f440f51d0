package vfs

import "errors"

// Far knows what lies where a look may take as long as somebody else likes: on
// a server that is down, behind a program that does not answer.
type Far interface {
	// Any tells whether there is such a place at all.
	Any() bool
	// Lies tells whether a name in a directory is such, without looking at it.
	Lies(dir, name string) bool
	// Reach looks at it and returns when that is done, so that a look soon after
	// does not wait. It is called without any lock.
	Reach(dir, name string)
}

// ErrFar is the error of those who may not wait for what lies far away; they
// have to ask again from where they may (Walk.Patient).
var ErrFar = errors.New("it may have to be waited for")

// near refuses to look at what has to be waited for, or waits for it.
func (m *Mount) near(dir, name string, patient bool) error {
	if m.Far == nil || !m.Far.Lies(dir, name) {
		return nil
	}
	if !patient {
		return ErrFar
	}
	m.Far.Reach(dir, name)
	return nil
}

// near notes whether a look at the end of a walk may have to be waited for, and
// waits if that is allowed.
func (w *Where) near(patient bool) {
	if w.Kernel || w.Dir == nil {
		return
	}
	w.patient = patient
	w.Far = w.Dir.mount.near(w.dir, w.Name, patient) != nil
}
