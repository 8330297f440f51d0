package monitor

import (
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/binfmt"
	"github.com/veduta/veduta/vfs"
)

// loaders keeps copies of programs whose loader in the view is not the one that
// the kernel would find by the name in them: the copy names the file that
// stands for the view's loader. They live as long as the monitor.
type loaders struct {
	mu     sync.Mutex // guards all fields; not held while a program is copied
	dir    string
	copies map[loaderKey]*loaderCopy
	origin map[string]string // of a copy: what the kernel calls the file it stands for
}

// loaderCopy is one copy; path and err are there when done is closed.
type loaderCopy struct {
	done chan struct{}
	path string
	err  error
}

type loaderKey struct {
	dev, ino uint64
	mtime    unix.StatxTimestamp
	interp   string
}

// copyFor gives a program to execute in place of host, with its interpreter.
// ErrFar if it has yet to be made, and the caller is not patient.
func (l *loaders) copyFor(host, interp string, patient bool) (string, error) {
	a, err := vfs.HostLstat(host)
	if err != nil {
		return "", err
	}
	key := loaderKey{a.Dev(), a.Ino, a.Mtime, interp}
	c, mine := l.claim(key, patient)
	if c == nil {
		return "", vfs.ErrFar
	}
	if mine {
		c.path, c.err = l.make(host, interp)
		if c.err != nil {
			l.mu.Lock()
			delete(l.copies, key)
			l.mu.Unlock()
		}
		close(c.done)
	}
	if !patient {
		select {
		case <-c.done:
		default:
			return "", vfs.ErrFar
		}
	}
	<-c.done
	return c.path, c.err
}

// claim gives the copy of a key, and whether it is the caller's to make; nil if
// there is none and the caller has no patience to make it.
func (l *loaders) claim(key loaderKey, patient bool) (c *loaderCopy, mine bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.copies[key]; c != nil || !patient {
		return c, false
	}
	if l.copies == nil {
		l.copies, l.origin = map[loaderKey]*loaderCopy{}, map[string]string{}
	}
	c = &loaderCopy{done: make(chan struct{})}
	l.copies[key] = c
	return c, true
}

// make copies a program.
func (l *loaders) make(host, interp string) (string, error) {
	dir, err := l.place()
	if err != nil {
		return "", err
	}
	shown := host
	if text, err := os.Readlink(host); err == nil && strings.HasPrefix(host, "/proc/") {
		shown = text // by a descriptor
	}
	to := filepath.Join(dir, filepath.Base(strings.TrimSuffix(shown, deleted)))
	if err := binfmt.CopyWithInterp(host, to, interp); err != nil {
		os.RemoveAll(dir)
		return "", err
	}
	l.mu.Lock()
	l.origin[to] = shown
	l.mu.Unlock()
	return to, nil
}

// place makes a directory for a copy, all of them in one.
func (l *loaders) place() (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	if l.dir == "" {
		if l.dir, err = os.MkdirTemp("", "veduta-exec-"); err != nil {
			return "", err
		}
	}
	dir, err := os.MkdirTemp(l.dir, "")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

// hostOf is the file that a copy stands for.
func (l *loaders) hostOf(p string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h, ok := l.origin[p]
	return h, ok
}

// made tells whether a host path is a copy's.
func (l *loaders) made(p string) bool {
	_, ok := l.hostOf(p)
	return ok
}

func (l *loaders) remove() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dir != "" {
		os.RemoveAll(l.dir)
		l.dir, l.copies, l.origin = "", nil, nil
	}
}
