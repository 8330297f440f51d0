package monitor

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/vfs"
)

// FuzzTimes: the times that a call brings are refused if the kernel refuses
// them, and are those that it sets.
func FuzzTimes(f *testing.F) {
	for spelling := range byte(4) {
		f.Add(words(1, 2, 3, 4), spelling)
		f.Add(words(1<<63, unix.UTIME_NOW, 5, unix.UTIME_OMIT), spelling)
		f.Add(words(1, 1e6, 1, 1e9), spelling)
		f.Add(words(1, 2), spelling)
	}
	g := newGuest(f)
	name := filepath.Join(f.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		f.Fatal(err)
	}
	const cwd = ^uint64(99)
	path := text(name)
	f.Fuzz(func(t *testing.T, b []byte, spelling byte) {
		_, at := g.put(b)
		e := sysent.ByName([]string{"utimensat", "futimesat", "utimes", "utime"}[spelling%4])
		if e.Number() < 0 {
			return // not on this CPU
		}
		c := calling(nil, e.Number(), cwd, path, at)
		if !e.Has(sysent.DirFD) {
			c = calling(nil, e.Number(), path, at)
		}
		want := c.kernel()
		var s vfs.SetAttr
		err := c.times(&s)
		if err == nil && !validTimes(&s) {
			err = unix.EINVAL
		}
		if got := vfs.Errno(err); got != want {
			t.Errorf("%s %x: %v, the kernel %v", c.entry.Name, b, got, want)
		}
	})
}
