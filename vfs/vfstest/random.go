package vfstest

import (
	"fmt"
	"math/rand"
	"path"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Op is one operation with its arguments fixed.
type Op struct {
	Text  string
	Paths []string // what it names
	Do    func(Target) error
}

// Random makes operations from a seed, on few names so that they meet.
type Random struct {
	R *rand.Rand
	// Root: also operations that only root may do natively.
	Root bool
}

var names = []string{"a", "b", "c", "d"}

// Path is a path of one to three names.
func (r Random) Path() string {
	p := "/"
	for range 1 + r.R.Intn(3) {
		p = path.Join(p, names[r.R.Intn(len(names))])
	}
	return p
}

// Populate makes n files of all kinds and ignores what fails.
func (r Random) Populate(g Target, n int) {
	for range n {
		r.make(r.Path()).Do(g)
	}
}

func (r Random) make(p string) Op {
	mode := []uint32{0o644, 0o600, 0o755, 0o444, 0o4755}[r.R.Intn(5)]
	switch r.R.Intn(8) {
	case 0, 1, 2:
		return Op{fmt.Sprintf("mkdir %s", p), []string{p}, func(g Target) error { return g.Mkdir(p, mode&0o777|0o700) }}
	case 3, 4:
		text := fmt.Sprint(r.R.Intn(1000))
		return Op{fmt.Sprintf("create %s %s %o", p, text, mode), []string{p}, func(g Target) error {
			return g.Write(p, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL, mode&0o777, text)
		}}
	case 5:
		return Op{"symlink " + p, []string{p}, func(g Target) error { return g.Symlink("to/"+p, p) }}
	case 6:
		return Op{"mkfifo " + p, []string{p}, func(g Target) error { return g.Mknod(p, unix.S_IFIFO|0o640, 0) }}
	}
	q := r.Path()
	return Op{"link " + p + " " + q, []string{p, q}, func(g Target) error { return g.Link(p, q) }}
}

// Next makes an operation.
func (r Random) Next() Op {
	p, q := r.Path(), r.Path()
	one, two := []string{p}, []string{p, q}
	text := fmt.Sprint(r.R.Intn(1000))
	switch r.R.Intn(20) {
	case 0, 1, 2, 3:
		return r.make(p)
	case 4, 5:
		return Op{"unlink " + p, one, func(g Target) error { return g.Unlink(p) }}
	case 6, 7:
		return Op{"rmdir " + p, one, func(g Target) error { return g.Rmdir(p) }}
	case 8, 9, 10:
		flags := uint([]int{0, 0, 0, unix.RENAME_NOREPLACE, unix.RENAME_EXCHANGE}[r.R.Intn(5)])
		return Op{fmt.Sprintf("rename %s %s %d", p, q, flags), two, func(g Target) error { return g.Rename(p, q, flags) }}
	case 11:
		mode := []uint32{0o640, 0o711, 0o2755, 0o1777}[r.R.Intn(4)]
		return Op{fmt.Sprintf("chmod %s %o", p, mode), one, func(g Target) error { return g.Chmod(p, mode) }}
	case 12:
		id := 1000 + r.R.Intn(3)
		if !r.Root {
			break
		}
		return Op{fmt.Sprintf("chown %s %d", p, id), one, func(g Target) error { return g.Chown(p, id, id+1) }}
	case 13:
		size := int64(r.R.Intn(3)) * 2
		return Op{fmt.Sprintf("truncate %s %d", p, size), one, func(g Target) error { return g.Truncate(p, size) }}
	case 14:
		return Op{fmt.Sprintf("setxattr %s %s", p, text), one, func(g Target) error { return g.Setxattr(p, "user.test", text, 0) }}
	case 15:
		return Op{"removexattr " + p, one, func(g Target) error { return g.Removexattr(p, "user.test") }}
	case 16:
		return Op{"link " + p + " " + q, two, func(g Target) error { return g.Link(p, q) }}
	}
	flags := []int{unix.O_RDONLY, unix.O_RDWR, unix.O_WRONLY | unix.O_TRUNC, unix.O_RDWR | unix.O_CREAT,
		unix.O_RDONLY | unix.O_DIRECTORY, unix.O_RDONLY | unix.O_CREAT | unix.O_TRUNC, unix.O_PATH}[r.R.Intn(7)]
	return Op{fmt.Sprintf("open %s %#x %s", p, flags, text), one, func(g Target) error { return g.Write(p, flags, 0o644, text) }}
}

// Reachable tells whether no path of an operation leads through something that
// is no directory: a FileSystem is not asked about such paths.
func (o Op) Reachable(g Target) bool {
	for _, p := range o.Paths {
		for d := path.Dir(p); d != "/"; d = path.Dir(d) {
			if a, err := g.Lstat(d); err == nil && !a.IsDir() || err != nil && vfs.Errno(err) != unix.ENOENT {
				return false
			}
		}
	}
	return true
}
