package monitor

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// loaders keeps copies of programs whose loader in the view is not the one that
// the kernel would find by the name in them: the copy names the file that
// stands for the view's loader. They live as long as the monitor.
type loaders struct {
	mu     sync.Mutex // guards all fields
	dir    string
	copies map[loaderKey]string
	origin map[string]string // of a copy: the host path it stands for
}

type loaderKey struct {
	dev, ino uint64
	mtime    unix.StatxTimestamp
	interp   string
}

// copyFor gives a program to execute in place of host, with its interpreter.
func (l *loaders) copyFor(host, interp string) (string, error) {
	a, err := vfs.HostLstat(host)
	if err != nil {
		return "", err
	}
	key := loaderKey{a.Dev(), a.Ino, a.Mtime, interp}
	l.mu.Lock()
	defer l.mu.Unlock()
	if p, ok := l.copies[key]; ok {
		return p, nil
	}
	if l.dir == "" {
		if l.dir, err = os.MkdirTemp("", "veduta-exec-"); err != nil {
			return "", err
		}
		l.copies, l.origin = map[loaderKey]string{}, map[string]string{}
	}
	dir := filepath.Join(l.dir, fmt.Sprint(len(l.copies)))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	to := filepath.Join(dir, filepath.Base(host))
	if err := copyWithInterp(host, to, interp); err != nil {
		os.RemoveAll(dir)
		return "", err
	}
	l.copies[key], l.origin[to] = to, host
	return to, nil
}

// hostOf is the file that a copy stands for.
func (l *loaders) hostOf(p string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h, ok := l.origin[p]
	return h, ok
}

func (l *loaders) remove() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dir != "" {
		os.RemoveAll(l.dir)
		l.dir, l.copies, l.origin = "", nil, nil
	}
}

// copyWithInterp copies an ELF program and lets PT_INTERP point to a string
// behind its end.
func copyWithInterp(from, to, interp string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o755)
	if err != nil {
		return err
	}
	defer out.Close()
	size, err := io.Copy(out, in)
	if err != nil {
		return err
	}
	var ehdr [64]byte
	if _, err := in.ReadAt(ehdr[:], 0); err != nil {
		return err
	}
	at, ph := interpHeader(in, ehdr[:])
	if ph == nil {
		return unix.ENOEXEC
	}
	text := append([]byte(interp), 0)
	binary.NativeEndian.PutUint64(ph[phdrOffset:], uint64(size))
	binary.NativeEndian.PutUint64(ph[phdrFilesz:], uint64(len(text)))
	if _, err := out.WriteAt(ph, at); err != nil {
		return err
	}
	if _, err := out.WriteAt(text, size); err != nil {
		return err
	}
	return out.Close()
}
