package sysent

import (
	"testing"

	"github.com/veduta/veduta/arch"
)

func TestEveryCallHasOneRow(t *testing.T) {
	rows := map[string]int{}
	for _, e := range Every() {
		rows[e.Name]++
		if rows[e.Name] == 2 {
			t.Errorf("%s has two rows", e.Name)
		}
	}
	for _, name := range arch.Names() {
		if rows[name] == 0 {
			t.Errorf("%s has no row", name)
		}
		delete(rows, name)
	}
	for name := range rows {
		t.Errorf("%s is no call of any CPU", name)
	}
}
