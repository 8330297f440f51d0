package main

import "testing"

// A module that a view is made of has to be in the list, and the flags named
// there have to exist.
func TestEveryModuleIsListed(t *testing.T) {
	store := newStore(t)
	s := makeSession(t, store, "web")
	defer s.Close()
	v, _ := parse(t, "run", "-0", "--hostname", "lab", "--cow", "-b", "/tmp:/mnt")
	b := builder{flags: v, session: s, store: store.Dir()}
	var err error
	if b.initial, err = v.identity(true); err != nil {
		t.Fatal(err)
	}
	list, err := b.modules()
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, m := range moduleLines() {
		listed[m.Name] = true
	}
	for _, m := range list {
		if !listed[m.Name()] {
			t.Errorf("veduta modules leaves %s out", m.Name())
		}
	}
}
