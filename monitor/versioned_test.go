package monitor

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

const (
	nrSetxattrat = 463
	nrGetxattrat = 464
)

// FuzzXattrArgs: what is refused of struct xattr_args is what the kernel refuses
// before it looks for the file.
func FuzzXattrArgs(f *testing.F) {
	f.Add(words(0, 0), uint64(16), true)
	f.Add(words(0, 5, 1), uint64(24), true)
	f.Add(words(0, 5, 0), uint64(24), true)
	f.Add(words(0, unix.XATTR_CREATE<<32, 0), uint64(16), false)
	f.Add(words(0, 7<<32), uint64(17), true)
	f.Add(words(0, 0), uint64(4097), false)
	g := newGuest(f)
	if c := calling(nil, nrSetxattrat, ^uint64(0)); c.kernel() == unix.ENOSYS {
		f.Skip("this kernel has no setxattrat(2): it came with Linux 6.13")
	}
	file, name := text("x"), text("user.x")
	f.Fuzz(func(t *testing.T, b []byte, size uint64, sets bool) {
		_, at := g.put(b)
		nr := nrGetxattrat
		if sets {
			nr = nrSetxattrat
		}
		c := calling(nil, nr, ^uint64(0), file, 0, name, at, size) // of no directory: EBADF
		want := c.kernel()
		_, err := c.xattrArgs()
		if got := vfs.Errno(err); got != want && !(got == 0 && want == unix.EBADF) {
			t.Errorf("%x, size %d: %v, the kernel %v", b, size, got, want)
		}
	})
}
