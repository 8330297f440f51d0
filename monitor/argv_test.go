package monitor

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// FuzzPointers: an array ends with NULL, or has no end that can be read.
func FuzzPointers(f *testing.F) {
	f.Add(words(1, 2, 3, 0))
	f.Add(words(1, 2, 3))
	f.Add(append(words(1, 2), 7, 7, 7))
	f.Add(append(make([]byte, 5), words(4, 0, 5)...))
	m, g := withPaths(f), newGuest(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		b, at := g.put(b)
		got, err := calling(m, unix.SYS_EXECVE).pointers(at)
		var want []uint64
		ends := false
		for i := 0; i+8 <= len(b) && !ends; i += 8 {
			if v := le64(b[i:]); v != 0 {
				want = append(want, v)
			} else {
				ends = true
			}
		}
		if (err == nil) != ends || ends && !slices.Equal(got, want) {
			t.Errorf("%x gives %x, %v", b, got, err)
		}
	})
}
