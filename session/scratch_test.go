package session

import (
	"os"
	"path/filepath"
	"testing"
)

func TestScratchEndsWithItsView(t *testing.T) {
	s, err := NewScratch()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := s.Dir()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "file"), []byte("x"), 0o400)
	}
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewScratch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("a second one took the first away: %v", err)
	}
	s.lock.Close() // as if killed
	third, err := NewScratch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.Path()); !os.IsNotExist(err) {
		t.Errorf("what a killed one left is there: %v", err)
	}
	for _, s := range []*Scratch{other, third} {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(s.Path()); !os.IsNotExist(err) {
			t.Errorf("it is there after Close: %v", err)
		}
	}
}
