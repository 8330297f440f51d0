package review

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs/owner"
)

// layer is one copy-on-write mount of a session.
type layer struct {
	mount string // path in the view
	upper string // host directory of the upper layer
	lower string // host directory below; no link in either path
}

// layers are those of the session whose upper directory is there.
func layers(s *session.Session) ([]layer, error) {
	m := s.Meta()
	var list []layer
	for _, mount := range m.Cow {
		if nestedIn(mount, m.Cow) {
			continue // its upper directory lies in that of the outer mount
		}
		l := layer{mount: filepath.Clean(mount), upper: s.UpperOf(mount), lower: mount}
		if b, ok := m.Below[mount]; ok {
			l.lower = b
		}
		upper, err := filepath.EvalSymlinks(l.upper)
		if err != nil {
			continue // nothing has been written there
		}
		l.upper = upper
		real, err := filepath.EvalSymlinks(l.lower)
		if err != nil {
			return nil, fmt.Errorf("session %s: what lies below %s: %w", s.Name(), mount, err)
		}
		l.lower = real
		list = append(list, l)
	}
	return list, nil
}

// nestedIn tells whether mount lies in another of the mounts.
func nestedIn(mount string, mounts []string) bool {
	for _, m := range mounts {
		if m != mount && within(mount, m) {
			return true
		}
	}
	return false
}

// within tells whether path is dir or lies in it.
func within(path, dir string) bool {
	if path == dir || dir == "/" {
		return true
	}
	return len(path) > len(dir) && path[:len(dir)] == dir && path[len(dir)] == '/'
}

// owners opens what the session knows of owners. The sidecar is read from a
// copy: a monitor that runs may be appending to it, and opening one may write it
// anew.
func owners(s *session.Session) (*owner.Store, error) {
	m := s.Meta()
	st := &owner.Store{
		Native:  m.Native,
		RealUID: m.Identity.RealUID, RealGID: m.Identity.RealGID,
		ViewUID: m.Identity.ViewUID, ViewGID: m.Identity.ViewGID,
	}
	data, err := os.ReadFile(s.Owners())
	if os.IsNotExist(err) {
		return st, nil
	}
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(s.Dir(), ".owners-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, "owners")
	if err := os.WriteFile(copied, data, 0o600); err != nil {
		return nil, err
	}
	st.Sidecar, err = owner.OpenSidecar(copied)
	return st, err
}
