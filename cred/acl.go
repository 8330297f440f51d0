package cred

import (
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// The tags of include/uapi/linux/posix_acl.h.
const (
	aclUserObj  = 0x01
	aclUser     = 0x02
	aclGroupObj = 0x04
	aclGroup    = 0x08
	aclMask     = 0x10
	aclOther    = 0x20
)

const (
	aclVersion    = 2
	aclHeaderSize = 4
	aclEntrySize  = 8
)

// errNoACL: the list is empty, the mode decides.
var errNoACL = errors.New("empty ACL")

type aclEntry struct {
	tag  uint16
	perm uint32
	id   uint32
}

// parseACL decodes struct posix_acl_xattr_header and its entries. EINVAL,
// EOPNOTSUPP for another version.
func parseACL(b []byte) ([]aclEntry, error) {
	if len(b) < aclHeaderSize || (len(b)-aclHeaderSize)%aclEntrySize != 0 {
		return nil, unix.EINVAL
	}
	if binary.LittleEndian.Uint32(b) != aclVersion {
		return nil, unix.EOPNOTSUPP
	}
	var acl []aclEntry
	for b = b[aclHeaderSize:]; len(b) != 0; b = b[aclEntrySize:] {
		acl = append(acl, aclEntry{
			tag:  binary.LittleEndian.Uint16(b),
			perm: uint32(binary.LittleEndian.Uint16(b[2:])),
			id:   binary.LittleEndian.Uint32(b[4:]),
		})
	}
	return acl, nil
}

// mayByACL is posix_acl_permission of fs/posix_acl.c. A list that ends
// without an entry for others is EIO, as there.
func (c *Cred) mayByACL(a *vfs.Attr, xattr []byte, want uint32) error {
	acl, err := parseACL(xattr)
	switch {
	case err != nil:
		return err
	case len(acl) == 0:
		return errNoACL
	}
	inGroup := false
	for i, e := range acl {
		grants := e.perm&want == want
		switch e.tag {
		case aclUserObj:
			if a.Uid == c.FSUID {
				return granted(grants)
			}
		case aclUser:
			if e.id == c.FSUID {
				return granted(grants && maskGrants(acl[i+1:], want))
			}
		case aclGroupObj, aclGroup:
			gid := e.id
			if e.tag == aclGroupObj {
				gid = a.Gid
			}
			// Several groups may match; the first that grants all decides.
			if c.InGroup(gid) {
				inGroup = true
				if grants {
					return granted(maskGrants(acl[i+1:], want))
				}
			}
		case aclMask:
		case aclOther:
			return granted(grants && !inGroup)
		default:
			return unix.EIO
		}
	}
	return unix.EIO
}

// maskGrants applies the mask, which follows the entries it is for.
func maskGrants(rest []aclEntry, want uint32) bool {
	for _, e := range rest {
		if e.tag == aclMask {
			return e.perm&want == want
		}
	}
	return true
}

func granted(ok bool) error {
	if ok {
		return nil
	}
	return unix.EACCES
}
