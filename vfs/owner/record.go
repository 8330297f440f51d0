package owner

import (
	"errors"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// record is what the view shows other than the backing file has it.
type record struct {
	uid, gid uint32 // NoID: as the backing file
	mode     uint32 // with the type; 0: as the backing file
	rdev     uint64
}

var nothing = record{uid: NoID, gid: NoID}

func (r record) apply(a *vfs.Attr) {
	if r.uid != NoID {
		a.Uid = r.uid
	}
	if r.gid != NoID {
		a.Gid = r.gid
	}
	if r.mode != 0 {
		a.Mode = uint16(r.mode)
		if isDevice(r.mode) {
			a.SetRdev(r.rdev)
		}
	}
}

// bearsXattrs: only plain files and directories can have user attributes
// (xattr(7)).
func bearsXattrs(mode uint16) bool {
	t := mode & unix.S_IFMT
	return t == unix.S_IFREG || t == unix.S_IFDIR
}

// load finds what is recorded of a file; raw are its own attributes.
func (s *Store) load(raw *vfs.Attr, path string) (record, error) {
	if r, ok := s.Sidecar.get(raw); ok {
		return r, nil
	}
	r := nothing
	if !bearsXattrs(raw.Mode) {
		return r, nil
	}
	var buf [64]byte
	n, err := getxattr(path, xattrResource, buf[:])
	if err == nil {
		if uid, gid, ok := decodeResource(buf[:n]); ok {
			r.uid, r.gid = uid, gid
		}
	} else if !absent(err) {
		return r, err
	}
	n, err = getxattr(path, xattrInode, buf[:])
	if err == nil {
		if mode, rdev, ok := decodeInode(string(buf[:n])); ok {
			r.mode, r.rdev = mode, rdev
		}
	} else if !absent(err) {
		return r, err
	}
	return r, nil
}

// absent: there is no such attribute, or there can be none. EACCES comes from
// files that we may stat and not read, which bear no record of ours.
func absent(err error) bool {
	return errors.Is(err, unix.ENODATA) || errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EACCES) ||
		errors.Is(err, unix.EPERM) || errors.Is(err, unix.ERANGE)
}

// save puts r on record in place of old.
func (s *Store) save(raw *vfs.Attr, path string, old, r record) error {
	if r == old {
		return nil
	}
	if bearsXattrs(raw.Mode) {
		err := saveXattrs(path, old, r)
		if err == nil {
			s.Sidecar.Forget(raw)
			return nil
		}
		if !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.ENOSPC) {
			return err
		}
	}
	if r == nothing {
		s.Sidecar.Forget(raw)
		return nil
	}
	return s.Sidecar.put(raw, r)
}

func saveXattrs(path string, old, r record) error {
	if r.uid != old.uid || r.gid != old.gid {
		var err error
		if r.uid == NoID && r.gid == NoID {
			err = removexattr(path, xattrResource)
		} else {
			err = setxattr(path, xattrResource, encodeResource(r.uid, r.gid), 0)
		}
		if err != nil && !errors.Is(err, unix.ENODATA) {
			return err
		}
	}
	if r.mode != old.mode || r.rdev != old.rdev {
		var err error
		if r.mode == 0 {
			err = removexattr(path, xattrInode)
		} else {
			err = setxattr(path, xattrInode, []byte(encodeInode(r.mode, r.rdev)), 0)
		}
		if err != nil && !errors.Is(err, unix.ENODATA) {
			return err
		}
	}
	return nil
}
