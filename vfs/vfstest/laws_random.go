package vfstest

import (
	"fmt"
	"math/rand"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// random compares with a plain directory of the host; modes that lock out their
// owner make no difference to root only.
func (s *suite) random() {
	for seed := range int64(10) {
		dir := Host(s.TempDir())
		ours := Ours{FS: s.FS}
		top := fmt.Sprintf("/%d", seed)
		s.ok(ours.Mkdir(top, 0o755))
		r := Random{R: rand.New(rand.NewSource(seed)), Root: unix.Geteuid() == 0}
		for range 150 {
			op := r.Next()
			if !op.Reachable(dir) {
				continue
			}
			want, got := vfs.Errno(op.Do(dir)), vfs.Errno(op.Do(sub{ours, top}))
			if want == unix.EACCES {
				return
			}
			if want != got {
				s.Fatalf("seed %d: %s: host %v, ours %v", seed, op.Text, want, got)
			}
		}
		if !r.Root {
			Take(s.T, sub{ours, top})
			continue
		}
		if !Compare(s.T, fmt.Sprint("seed ", seed), Take(s.T, dir), Take(s.T, sub{ours, top})) {
			return
		}
	}
}
