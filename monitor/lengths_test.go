package monitor

import (
	"testing"

	"github.com/veduta/veduta/vfs"
)

func TestLengths(t *testing.T) {
	var l lengths
	d := &vfs.Dir{}
	if l.short(d) {
		t.Error("a directory that has never been listed is said to be short")
	}
	if l.note(d, longList-1); !l.short(d) {
		t.Error("a short one is not")
	}
	if l.note(d, longList); l.short(d) {
		t.Error("a long one is")
	}
	for range 2 * mostLengths {
		l.note(&vfs.Dir{}, 1)
	}
	if len(l.all) > mostLengths {
		t.Errorf("%d are remembered", len(l.all))
	}
}
