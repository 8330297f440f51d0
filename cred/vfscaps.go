package cred

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// VFSCaps is a parsed security.capability xattr (struct vfs_ns_cap_data of
// include/uapi/linux/capability.h).
type VFSCaps struct {
	// Revision is 1, 2 or 3.
	Revision               int
	Permitted, Inheritable CapSet
	// Effective: the permitted set of the new program takes effect at once.
	Effective bool
	// RootID is the root user of the namespace that the capabilities are
	// for; 0 below revision 3.
	RootID uint32
}

const (
	vfsCapRevisionShift = 24
	vfsCapFlagEffective = 1
)

// ParseVFSCaps decodes the xattr as exec does. EINVAL, with which such an exec
// fails.
func ParseVFSCaps(value []byte) (*VFSCaps, error) {
	if len(value) < 4 {
		return nil, unix.EINVAL
	}
	magic := binary.LittleEndian.Uint32(value)
	v := &VFSCaps{
		Revision:  int(magic >> vfsCapRevisionShift),
		Effective: magic&vfsCapFlagEffective != 0,
	}
	size := map[int]int{1: 12, 2: 20, 3: 24}[v.Revision]
	if len(value) != size {
		return nil, unix.EINVAL
	}
	word := func(i int) CapSet { return CapSet(binary.LittleEndian.Uint32(value[4*i:])) }
	v.Permitted, v.Inheritable = word(1), word(2)
	if v.Revision >= 2 {
		v.Permitted |= word(3) << 32
		v.Inheritable |= word(4) << 32
	}
	if v.Revision == 3 {
		v.RootID = uint32(word(5))
	}
	v.Permitted &= AllCaps
	v.Inheritable &= AllCaps
	return v, nil
}

// ValidVFSCaps tells whether setxattr(2) takes the value for
// security.capability: revisions 2 and 3 only. EINVAL.
func ValidVFSCaps(value []byte) error {
	v, err := ParseVFSCaps(value)
	if err != nil || v.Revision < 2 {
		return unix.EINVAL
	}
	return nil
}

// Bytes encodes v again, as getxattr(2) shows it: revision 3 for the view's
// own root is told as revision 2.
func (v *VFSCaps) Bytes() []byte {
	revision := v.Revision
	if revision == 3 && v.RootID == 0 {
		revision = 2
	}
	magic := uint32(revision) << vfsCapRevisionShift
	if v.Effective {
		magic |= vfsCapFlagEffective
	}
	words := []uint32{magic, uint32(v.Permitted), uint32(v.Inheritable)}
	if revision >= 2 {
		words = append(words, uint32(v.Permitted>>32), uint32(v.Inheritable>>32))
	}
	if revision == 3 {
		words = append(words, v.RootID)
	}
	var b []byte
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}
