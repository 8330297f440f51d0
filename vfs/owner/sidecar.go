package owner

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
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
	mu   sync.RWMutex
	m    map[key]record
	file *os.File
}

const lineForm = "%x %x %x %x %x %x %x .\n"

// OpenSidecar reads the log at path, which need not exist, and writes it anew
// where it holds what no longer counts.
func OpenSidecar(path string) (*Sidecar, error) {
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	s := &Sidecar{m: map[key]record{}}
	if stale := s.read(data); stale {
		if err := s.rewrite(path); err != nil {
			return nil, err
		}
	}
	s.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	return s, err
}

func (s *Sidecar) read(data []byte) (stale bool) {
	if len(data) > 0 && data[len(data)-1] != '\n' {
		stale = true
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		var k key
		var r record
		line := lines.Bytes()
		n, _ := fmt.Sscanf(lines.Text(), "%x %x %x %x %x %x %x", &k.dev, &k.ino, &k.btime, &r.uid, &r.gid, &r.mode, &r.rdev)
		if n != 7 || line[len(line)-1] != '.' {
			stale = true
			continue
		}
		if _, again := s.m[k]; again {
			stale = true
		}
		if r == nothing {
			stale = true
			delete(s.m, k)
			continue
		}
		s.m[k] = r
	}
	return stale
}

func (s *Sidecar) rewrite(path string) error {
	var b bytes.Buffer
	for k, r := range s.m {
		b.WriteString(line(k, r))
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
	if _, err := s.file.WriteString(line(k, r)); err != nil {
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
	s.file.WriteString(line(k, nothing))
	delete(s.m, k)
}

// Close closes the log.
func (s *Sidecar) Close() error {
	if s == nil {
		return nil
	}
	return s.file.Close()
}
