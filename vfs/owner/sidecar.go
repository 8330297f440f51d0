package owner

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// key names an inode for its whole life: the birth time tells a new file that
// was given the number of a removed one.
type key struct {
	dev, ino uint64
	btime    int64 // ns; 0 where the file system has none
}

func keyOf(a *vfs.Attr) key {
	k := key{dev: a.Dev(), ino: a.Ino}
	if a.Mask&unix.STATX_BTIME != 0 {
		k.btime = a.Btime.Sec*1e9 + int64(a.Btime.Nsec)
	}
	return k
}

// Sidecar is a log of records for files that can bear no user attributes. One
// line is one record, the last of a key counts:
//
//	dev ino btime uid gid mode rdev .
//
// in hexadecimal; a line without its dot is torn and not read. A nil Sidecar is
// empty and takes nothing.
type Sidecar struct {
	mu     sync.RWMutex
	m      map[key]record
	xattrs map[key]map[string][]byte
	file   *os.File
	torn   bool // the log may end with half a line
}

const lineForm = "%x %x %x %x %x %x %x .\n"

// OpenSidecar reads the log at path, which need not exist, and writes it anew
// where it holds what no longer counts.
func OpenSidecar(path string) (*Sidecar, error) {
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	s := &Sidecar{m: map[key]record{}, xattrs: map[key]map[string][]byte{}}
	if stale := s.read(data); stale {
		if err := s.rewrite(path); err != nil {
			return nil, err
		}
	}
	s.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	return s, err
}

func (s *Sidecar) read(data []byte) (stale bool) {
	for text := range bytes.Lines(data) {
		if bytes.HasPrefix(text, []byte("x ")) {
			stale = s.readXattr(string(text)) || stale
			continue
		}
		k, r, ok := parseLine(string(text))
		if !ok {
			stale = true
			continue
		}
		if _, again := s.m[k]; again || r == nothing {
			stale = true
		}
		s.m[k] = r
		if r == nothing {
			delete(s.m, k)
		}
	}
	return stale
}

// parseLine reads one line; ok is false for one that is torn, or two that ran
// into each other.
func parseLine(text string) (k key, r record, ok bool) {
	f, whole := strings.CutSuffix(text, " .\n")
	words := strings.Split(f, " ")
	if !whole || len(words) != 7 {
		return k, r, false
	}
	ok = true
	number := func(i, bits int) uint64 {
		v, err := strconv.ParseUint(words[i], 16, bits)
		ok = ok && err == nil
		return v
	}
	btime, err := strconv.ParseInt(words[2], 16, 64)
	k = key{number(0, 64), number(1, 64), btime}
	r = record{uint32(number(3, 32)), uint32(number(4, 32)), uint32(number(5, 16)), number(6, 64)}
	return k, r, ok && err == nil
}

func (s *Sidecar) rewrite(path string) error {
	var b bytes.Buffer
	for k, r := range s.m {
		b.WriteString(line(k, r))
	}
	for k, all := range s.xattrs {
		for name, value := range all {
			b.WriteString(xattrLine(k, name, value, true))
		}
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, b.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

func line(k key, r record) string {
	return fmt.Sprintf(lineForm, k.dev, k.ino, k.btime, r.uid, r.gid, r.mode, r.rdev)
}

func (s *Sidecar) get(a *vfs.Attr) (record, bool) {
	if s == nil {
		return nothing, false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.m) == 0 {
		return nothing, false
	}
	r, ok := s.m[keyOf(a)]
	return r, ok
}

func (s *Sidecar) put(a *vfs.Attr, r record) error {
	if s == nil {
		return fmt.Errorf("no sidecar for the owner of this file: %w", unix.EPERM)
	}
	k := keyOf(a)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.write(line(k, r)); err != nil {
		return err
	}
	s.m[k] = r
	return nil
}

// Forget drops the record of a file that is being removed or no longer needs
// one. A failure to write is of no consequence: the birth time guards.
func (s *Sidecar) Forget(a *vfs.Attr) {
	if _, ok := s.get(a); !ok {
		return
	}
	k := keyOf(a)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(line(k, nothing))
	delete(s.m, k)
}

// write adds a line; mu is held. One that comes after half a line (ENOSPC) begins
// with its end.
func (s *Sidecar) write(text string) error {
	if s.torn {
		text = "\n" + text
	}
	n, err := s.file.WriteString(text)
	s.torn = err != nil && (s.torn || n > 0)
	return err
}

// forgetXattrs drops the attributes of a file that is being removed.
func (s *Sidecar) forgetXattrs(a *vfs.Attr) {
	for _, name := range s.xattrNames(a) {
		s.removeXattr(a, name)
	}
}

// Close closes the log.
func (s *Sidecar) Close() error {
	if s == nil {
		return nil
	}
	return s.file.Close()
}
