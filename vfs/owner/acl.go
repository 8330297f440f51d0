package owner

import (
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"
)

// An access ACL on a backing file would close it to the monitor, and names ids
// of the view; so without privilege it is kept like an attribute that needs one.
// A default ACL is set for real: the kernel lets new files inherit it.
const aclAccess = "system.posix_acl_access"

// Tags of entries (include/uapi/linux/posix_acl.h).
const (
	aclUserObj  = 0x01
	aclGroupObj = 0x04
	aclMask     = 0x10
	aclOther    = 0x20

	aclVersion = 2 // include/uapi/linux/posix_acl_xattr.h
	aclHeader  = 4
	aclEntry   = 8
)

// ACLMode is the permission bits (0777) that an ACL makes (acl(5),
// "Correspondence between ACL entries and file permission bits"), given in the
// form of include/uapi/linux/posix_acl_xattr.h; extended tells that it holds more
// than those. EINVAL if it is none.
func ACLMode(acl []byte) (mode uint32, extended bool, err error) {
	if len(acl) < aclHeader || (len(acl)-aclHeader)%aclEntry != 0 || binary.LittleEndian.Uint32(acl) != aclVersion {
		return 0, false, unix.EINVAL
	}
	var user, group, mask, other uint32
	var seen uint16
	for e := acl[aclHeader:]; len(e) > 0; e = e[aclEntry:] {
		tag, perm := binary.LittleEndian.Uint16(e), uint32(binary.LittleEndian.Uint16(e[2:]))
		if perm > 7 {
			return 0, false, unix.EINVAL
		}
		switch tag {
		case aclUserObj:
			user = perm
		case aclGroupObj:
			group = perm
		case aclMask:
			mask, extended = perm, true
		case aclOther:
			other = perm
		default:
			extended = true
		}
		seen |= tag
	}
	if seen&(aclUserObj|aclGroupObj|aclOther) != aclUserObj|aclGroupObj|aclOther || extended && seen&aclMask == 0 {
		return 0, false, unix.EINVAL
	}
	if extended {
		group = mask
	}
	return user<<6 | group<<3 | other, extended, nil
}

// aclChmod gives an ACL the permission bits of a chmod(2).
func aclChmod(acl []byte, mode uint32) {
	_, extended, err := ACLMode(acl)
	if err != nil {
		return
	}
	for e := acl[aclHeader:]; len(e) > 0; e = e[aclEntry:] {
		perm := func(shift uint) { binary.LittleEndian.PutUint16(e[2:], uint16(mode>>shift&7)) }
		switch binary.LittleEndian.Uint16(e) {
		case aclUserObj:
			perm(6)
		case aclMask:
			perm(3)
		case aclGroupObj:
			if !extended {
				perm(3)
			}
		case aclOther:
			perm(0)
		}
	}
}

// setACL keeps an access ACL and gives the file the mode that it makes. Whether
// there is one already is never asked (vfs_set_acl in fs/posix_acl.c).
func (s *Store) setACL(path string, acl []byte) error {
	if len(acl) == 0 || len(acl) == aclHeader && binary.LittleEndian.Uint32(acl) == aclVersion {
		return s.removeACL(path)
	}
	perm, extended, err := ACLMode(acl)
	if err != nil {
		return err
	}
	f, err := hold(path)
	if err != nil {
		return err
	}
	defer f.close()
	if f.raw.IsLink() {
		return unix.EOPNOTSUPP
	}
	if extended {
		err = s.keepXattr(f.path, aclAccess, acl, 0)
	} else if err = s.unkeepXattr(f.path, aclAccess); errors.Is(err, unix.ENODATA) {
		err = nil // the mode says it all
	}
	if err != nil {
		return err
	}
	shown := f.raw
	if err := s.Fix(&shown, f.path); err != nil {
		return err
	}
	want := InodeOf(&shown)
	want.Mode = want.Mode&^0o777 | perm
	return s.settle(f, want)
}

// removeACL takes an access ACL away; that there is none is no error
// (vfs_remove_acl in fs/posix_acl.c). The mode stays.
func (s *Store) removeACL(path string) error {
	if err := s.unkeepXattr(path, aclAccess); err == nil || !absent(err) {
		return err
	}
	return removexattr(path, aclAccess)
}

// chmodACL makes a kept ACL follow a chmod(2).
func (s *Store) chmodACL(f file, mode uint32) error {
	acl, err := s.keptXattr(f.path, aclAccess)
	if err != nil {
		if absent(err) {
			return nil
		}
		return err
	}
	aclChmod(acl, mode)
	return s.keepXattr(f.path, aclAccess, acl, 0)
}
