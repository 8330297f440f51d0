package cred_test

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// tally counts outcomes, to show that a comparison met more than refusals.
type tally struct{ errnos map[unix.Errno]int }

func (t *tally) count(e unix.Errno) {
	if t.errnos == nil {
		t.errnos = map[unix.Errno]int{}
	}
	t.errnos[e]++
}

func (t *tally) String() string {
	s := fmt.Sprintf("ok %d", t.errnos[0])
	for e, n := range t.errnos {
		if e != 0 {
			s += fmt.Sprintf(", %s %d", unix.ErrnoName(e), n)
		}
	}
	return s
}
