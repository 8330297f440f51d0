package vfs

import (
	"maps"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// fake is a file system in memory: what the walk asks for, nothing else. The
// keys of its maps are paths.
type fake struct {
	FileSystem // any other method is a fault of the test
	class      Class
	host       string // prefix of the host paths that stand for its own

	mu    sync.Mutex // guards all below
	kinds map[string]uint32
	links map[string]string
	inos  map[string]uint64
	next  uint64
	calls int
}

// newFake makes a file system of names: "dir/" is a directory, "link -> text"
// a link, all else a file.
func newFake(names ...string) *fake {
	f := &fake{kinds: map[string]uint32{"/": unix.S_IFDIR}, links: map[string]string{}, inos: map[string]uint64{}}
	for _, n := range names {
		f.put(n)
	}
	return f
}

func (f *fake) put(n string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p, text, ok := strings.Cut(n, " -> "); ok {
		f.kinds[p], f.links[p] = unix.S_IFLNK, text
		return
	}
	if p, ok := strings.CutSuffix(n, "/"); ok {
		f.kinds[p] = unix.S_IFDIR
		return
	}
	f.kinds[n] = unix.S_IFREG
}

// remove takes a path and all below it away.
func (f *fake) remove(p string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	gone := func(k string) bool { return k == p || strings.HasPrefix(k, p+"/") }
	maps.DeleteFunc(f.kinds, func(k string, _ uint32) bool { return gone(k) })
	maps.DeleteFunc(f.inos, func(k string, _ uint64) bool { return gone(k) })
}

// ino is the number of a path; a name made anew has a new one.
func (f *fake) ino(p string) uint64 {
	if f.inos[p] == 0 {
		f.next++
		f.inos[p] = f.next
	}
	return f.inos[p]
}

func (f *fake) Lstat(p string) (a Attr, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	kind, ok := f.kinds[p]
	if !ok {
		return a, unix.ENOENT
	}
	a.Mode, a.Ino = uint16(kind|0o755), f.ino(p)
	return a, nil
}

func (f *fake) Dir(p string) (Record, error) {
	a, err := f.Lstat(p)
	if err != nil {
		return Record{}, err
	}
	if !a.IsDir() {
		return Record{}, unix.ENOTDIR
	}
	r := Record{Class: f.class, Dev: 77, Ino: a.Ino, Host: f.host + p}
	if p == "/" && f.host != "" {
		r.Host = f.host
	}
	return r, nil
}

func (f *fake) Readlink(p string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if text, ok := f.links[p]; ok {
		return text, nil
	}
	return "", unix.EINVAL
}

func (f *fake) Open(p string, how How) (Place, error) {
	return Place{Host: f.host + p}, nil
}

func (f *fake) PathOf(host string) (string, bool) {
	rest, ok := strings.CutPrefix(host, f.host)
	if !ok || rest != "" && rest[0] != '/' {
		return "", false
	}
	if rest == "" {
		rest = "/"
	}
	return rest, true
}

func (f *fake) asked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}
