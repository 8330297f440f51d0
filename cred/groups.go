package cred

import (
	"slices"

	"golang.org/x/sys/unix"
)

// ngroupsMax is NGROUPS_MAX of include/uapi/linux/limits.h.
const ngroupsMax = 65536

// MaySetgroups is the part of setgroups(2) that comes before the list is read:
// size is that of the call. EPERM, EINVAL.
func (c *Cred) MaySetgroups(size int) unix.Errno {
	switch {
	case !c.Capable(unix.CAP_SETGID):
		return unix.EPERM
	case size < 0 || size > ngroupsMax:
		return unix.EINVAL
	}
	return 0
}

// Setgroups is setgroups(2). The list is copied. EPERM, EINVAL.
func (c *Cred) Setgroups(groups []uint32) unix.Errno {
	if e := c.MaySetgroups(len(groups)); e != 0 {
		return e
	}
	if slices.Contains(groups, invalid) {
		return unix.EINVAL
	}
	c.Groups = sortedGroups(groups)
	return 0
}

// Getgroups is getgroups(2): what it returns, and the list to write if size is
// not 0. The list is not to be written to. EINVAL.
func (c *Cred) Getgroups(size int) (int, []uint32, unix.Errno) {
	n := len(c.Groups)
	switch {
	case size < 0, size > 0 && size < n:
		return 0, nil, unix.EINVAL
	case size == 0:
		return n, nil, 0
	}
	return n, c.Groups, 0
}

// InGroup tells whether gid is the fsgid or a supplementary group (in_group_p).
func (c *Cred) InGroup(gid uint32) bool {
	if gid == c.FSGID {
		return true
	}
	_, found := slices.BinarySearch(c.Groups, gid)
	return found
}

// sortedGroups copies, because the order is the kernel's and the caller's
// slice is the caller's.
func sortedGroups(groups []uint32) []uint32 {
	if len(groups) == 0 {
		return nil
	}
	sorted := slices.Clone(groups)
	slices.Sort(sorted)
	return sorted
}
