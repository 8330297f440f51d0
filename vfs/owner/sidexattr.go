package owner

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// A line of the log that begins with x is an attribute of a file:
//
//	x dev ino btime name =value .
//
// name and value in hexadecimal; one without "=value" has been removed.

func xattrLine(k key, name string, value []byte, set bool) string {
	v := "-"
	if set {
		v = "=" + hex.EncodeToString(value)
	}
	return fmt.Sprintf("x %x %x %x %x %s .\n", k.dev, k.ino, k.btime, name, v)
}

// readXattr takes an attribute's line in; stale: it need not be kept.
func (s *Sidecar) readXattr(line string) (stale bool) {
	w := strings.Fields(line)
	if len(w) != 7 || !strings.HasSuffix(line, " .\n") {
		return true
	}
	var k key
	n, _ := fmt.Sscanf(strings.Join(w[1:4], " "), "%x %x %x", &k.dev, &k.ino, &k.btime)
	name, err := hex.DecodeString(w[4])
	if n != 3 || err != nil {
		return true
	}
	text, set := strings.CutPrefix(w[5], "=")
	if !set {
		delete(s.xattrs[k], string(name))
		return true
	}
	value, err := hex.DecodeString(text)
	if err != nil {
		return true
	}
	_, again := s.xattrs[k][string(name)]
	s.keep(k, string(name), value)
	return again
}

func (s *Sidecar) keep(k key, name string, value []byte) {
	if s.xattrs[k] == nil {
		s.xattrs[k] = map[string][]byte{}
	}
	s.xattrs[k][name] = value
}

// xattr is an attribute on record.
func (s *Sidecar) xattr(a *vfs.Attr, name string) ([]byte, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	v, ok := s.xattrs[keyOf(a)][name]
	return slices.Clone(v), ok
}

// xattrNames are the names on record, in order.
func (s *Sidecar) xattrNames(a *vfs.Attr) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.xattrs[keyOf(a)]))
}

// setXattr puts an attribute on record, by the flags of setxattr(2).
func (s *Sidecar) setXattr(a *vfs.Attr, name string, value []byte, flags int) error {
	k := keyOf(a)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch _, there := s.xattrs[k][name]; {
	case there && flags&unix.XATTR_CREATE != 0:
		return unix.EEXIST
	case !there && flags&unix.XATTR_REPLACE != 0:
		return unix.ENODATA
	}
	if err := s.write(xattrLine(k, name, value, true)); err != nil {
		return err
	}
	s.keep(k, name, slices.Clone(value))
	return nil
}

// removeXattr takes an attribute off the record; false: there was none.
func (s *Sidecar) removeXattr(a *vfs.Attr, name string) (bool, error) {
	k := keyOf(a)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.xattrs[k][name]; !ok {
		return false, nil
	}
	if err := s.write(xattrLine(k, name, nil, false)); err != nil {
		return true, err
	}
	if delete(s.xattrs[k], name); len(s.xattrs[k]) == 0 {
		delete(s.xattrs, k)
	}
	return true, nil
}

// bears tells that attributes are on record, of any file.
func (s *Sidecar) bears() bool {
	if s == nil {
		return false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.xattrs) > 0
}
