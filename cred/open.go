package cred

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// MayOpen checks an open(2) of a file that exists, links already followed
// (may_open in fs/namei.c). acl is nil for none. EACCES, EPERM, EISDIR, ELOOP.
func (c *Cred) MayOpen(a *vfs.Attr, acl []byte, flags int) error {
	if flags&unix.O_PATH != 0 {
		return nil
	}
	mask := OpenMask(flags)
	switch {
	case a.IsLink():
		return unix.ELOOP
	case a.IsDir() && mask&unix.W_OK != 0:
		return unix.EISDIR
	}
	if err := c.MayACL(a, acl, mask); err != nil {
		return err
	}
	if appendOnly(a) && (flags&unix.O_ACCMODE != unix.O_RDONLY && flags&unix.O_APPEND == 0 || flags&unix.O_TRUNC != 0) {
		return unix.EPERM
	}
	if flags&unix.O_NOATIME != 0 && !c.ownerOrCapable(a) {
		return unix.EPERM
	}
	return nil
}

// OpenMask gives the access that the flags of open(2) ask for, as unix.R_OK
// and W_OK. Access mode 3 asks for both (and gives a descriptor for ioctl
// only).
func OpenMask(flags int) uint32 {
	mask := [...]uint32{unix.R_OK, unix.W_OK, unix.R_OK | unix.W_OK, unix.R_OK | unix.W_OK}[flags&unix.O_ACCMODE]
	if flags&unix.O_TRUNC != 0 {
		mask |= unix.W_OK
	}
	return mask
}
