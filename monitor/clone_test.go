package monitor

import (
	"bytes"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
)

// FuzzCloneArgs: of struct clone_args the kernel gets what the guest wrote, but
// for the flags that it may not have; what cannot be read is refused as by the
// kernel.
func FuzzCloneArgs(f *testing.F) {
	f.Add(words(unix.CLONE_VM, 0, 0, 0, uint64(unix.SIGCHLD), 0, 0, 0), uint64(64))
	f.Add(words(unix.CLONE_UNTRACED, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7), uint64(88))
	f.Add(words(unix.CLONE_NEWUSER|unix.CLONE_FS, 0, 0, 0, 0, 0, 0, 0), uint64(64))
	f.Add(words(0, 0, 0, 0, 0, 0, 0), uint64(64))
	f.Add([]byte{}, uint64(ptrace.PathMax+1))
	m, g := withPaths(f), newGuest(f)
	f.Fuzz(func(t *testing.T, b []byte, size uint64) {
		b, at := g.put(b)
		c := calling(m, unix.SYS_CLONE3, at, size)
		before := bytes.Clone(b)
		v := c.clone3()
		if size < cloneArgsLeast || size > ptrace.PathMax || size > uint64(len(b)) {
			// The kernel makes no child of these, either.
			if want := c.kernel(); v.Kind != ptrace.KindReturn || unix.Errno(-v.Value) != want {
				t.Errorf("%+v, the kernel %v", v, want)
			}
			return
		}
		flags := le64(b)
		if v.Kind == ptrace.KindReturn {
			if flags&newNamespaces == 0 {
				t.Errorf("flags %#x: %+v", flags, v)
			}
			return
		}
		got := v.Rewrite.Args[0].Bytes
		if flags&newNamespaces != 0 || le64(got) != flags&^unix.CLONE_UNTRACED || !bytes.Equal(got[8:], b[8:size]) || !bytes.Equal(b, before) {
			t.Errorf("of %x the kernel gets %x", b, got)
		}
	})
}
