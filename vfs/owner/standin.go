package owner

import (
	"path/filepath"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// A directory that holds plain files in place of devices bears a mark, so that
// its list is corrected; it stays when they go.
const xattrNodes = "user.veduta.nodes"

// StandIns tells whether a host directory bears the mark.
func (s *Store) StandIns(dir string, a *vfs.Attr) bool {
	if !s.Records() || a.Uid != s.RealUID {
		return false
	}
	var b [1]byte
	_, err := getxattr(dir, xattrNodes, b[:])
	return err == nil
}

// NoteStandIn marks the directory of a file at a host path, if it stands for a
// device; marked tells that it was not before.
func (s *Store) NoteStandIn(host string) (marked bool) {
	if !s.Records() {
		return false
	}
	raw, err := vfs.HostLstat(host)
	if err != nil || raw.Kind() != unix.S_IFREG || raw.Uid != s.RealUID {
		return false
	}
	r, err := s.load(&raw, host)
	if err != nil || !isDevice(r.mode) {
		return false
	}
	return setxattr(filepath.Dir(host), xattrNodes, []byte("y"), unix.XATTR_CREATE) == nil
}
