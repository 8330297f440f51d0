package owner

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func FuzzResource(f *testing.F) {
	f.Add([]byte("\x08\xe8\x07\x10\x64"))
	f.Add([]byte("\x1a\x7f\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		uid, gid, ok := decodeResource(b)
		if !ok {
			return
		}
		if u, g, ok := decodeResource(encodeResource(uid, gid)); !ok || u != uid || g != gid {
			t.Errorf("%d %d came back as %d %d %v", uid, gid, u, g, ok)
		}
	})
}

func FuzzInode(f *testing.F) {
	for _, text := range []string{"104755", "20666:1:3", "60660:240:1048575", "100644:1:3", "177777"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		mode, rdev, ok := decodeInode(text)
		if !ok {
			return
		}
		if m, r, ok := decodeInode(encodeInode(mode, rdev)); !ok || m != mode || r != rdev {
			t.Errorf("%q: %o %x came back as %o %x %v", text, mode, rdev, m, r, ok)
		}
	})
}

// FuzzSidecar: whatever is in the log, its records stay when it is written anew,
// and one that is added is found, even behind half a line.
func FuzzSidecar(f *testing.F) {
	f.Add([]byte("1 2 5f5e100 0 ffffffff 81a4 0 .\n"))
	f.Add([]byte("1 2 -5 0 0 0 0 .\n1 2 3 4 5 6 7 .\n1 2 3 ffffffff ffffffff 0 0 .\n0 0 5f5e100 9 9 9"))
	f.Add([]byte("1 2 34 5 6 7 8 9 a .\n"))
	name := filepath.Join(f.TempDir(), "owners")
	open := func(t *testing.T) *Sidecar {
		s, err := OpenSidecar(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		first := open(t).m
		s := open(t)
		if !maps.Equal(first, s.m) {
			t.Fatalf("%v became %v", first, s.m)
		}
		s.file.WriteString("1 2") // all that there was room for
		s.torn = true
		added := record{uid: 1, gid: 2, mode: unix.S_IFREG | 0o644}
		if err := s.put(attr(77, 77), added); err != nil {
			t.Fatal(err)
		}
		if again := open(t).m; !maps.Equal(again, s.m) || again[keyOf(attr(77, 77))] != added {
			t.Errorf("%v became %v", s.m, again)
		}
	})
}
