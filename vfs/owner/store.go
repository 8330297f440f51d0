package owner

import (
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Store says how ids of the backing files map to those of the view and where
// the rest is kept. A nil Store leaves all owners to the host's kernel.
type Store struct {
	// Native: owners, modes and devices are those of the file itself.
	Native bool
	// Files of RealUID and RealGID, the monitor's own ids, show ViewUID and
	// ViewGID unless other ids are on record.
	RealUID, RealGID uint32
	ViewUID, ViewGID uint32
	// Sidecar holds what extended attributes cannot; nil: refused with EPERM.
	Sidecar *Sidecar
}

// Records tells whether a file may show other attributes than its backing file.
func (s *Store) Records() bool { return s != nil && !s.Native }

// Plain tells that the ids of files on which nothing is recorded are shown as
// they are.
func (s *Store) Plain() bool {
	return s == nil || s.Native || s.RealUID == s.ViewUID && s.RealGID == s.ViewGID
}

// Map turns the ids of a file on which nothing can be recorded (a file of a
// lower layer) into those of the view. It makes no system call.
func (s *Store) Map(a *vfs.Attr) {
	if s == nil || s.Native {
		return
	}
	if a.Uid == s.RealUID {
		a.Uid = s.ViewUID
	}
	if a.Gid == s.RealGID {
		a.Gid = s.ViewGID
	}
}

// Fix turns the attributes of a host file into those of the view; path reaches
// that file, and may be one of /proc/PID/fd. Only files of the monitor's own
// user can bear a record, for others no system call is made.
func (s *Store) Fix(a *vfs.Attr, path string) error {
	if s == nil || s.Native {
		return nil
	}
	if a.Uid != s.RealUID {
		s.Map(a)
		return nil
	}
	r, err := s.load(a, path)
	if err != nil {
		return err
	}
	s.Map(a)
	raw := a.Mode
	r.apply(a)
	if s.Plain() && a.Kind() == unix.S_IFREG {
		a.Mode &^= (unix.S_ISUID | unix.S_ISGID) &^ raw // what the kernel has taken away, see Backing
	}
	return nil
}

// Fresh are the ids that a file shows which the monitor's user has just made.
func (s *Store) Fresh() vfs.Owner {
	if s.Native {
		return vfs.Owner{UID: s.RealUID, GID: s.RealGID}
	}
	return vfs.Owner{UID: s.ViewUID, GID: s.ViewGID}
}

// Backing is the mode to give a backing file so that it shows mode (type and
// permission): with less, the monitor's own user would be locked out.
func (s *Store) Backing(mode uint32) uint32 {
	if s == nil || s.Native {
		return mode
	}
	if s.Plain() && mode&unix.S_IFMT == unix.S_IFREG {
		// Nobody else's bits: the kernel takes them away when the file is
		// written.
		return backing(mode) | mode&(unix.S_ISUID|unix.S_ISGID)
	}
	if mode&unix.S_IFMT == unix.S_IFREG && mode&0o111 != 0 {
		mode |= 0o100 // the view's root may execute what anybody may
	}
	return backing(mode)
}
