package cred

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// MayChmod checks a chmod(2) of a; ChmodMode tells what comes of it. EPERM;
// EOPNOTSUPP for a symbolic link.
func (c *Cred) MayChmod(a *vfs.Attr) error {
	switch {
	case immutable(a), appendOnly(a):
		return unix.EPERM
	case a.IsLink():
		return unix.EOPNOTSUPP
	case !c.ownerOrCapable(a):
		return unix.EPERM
	}
	return nil
}

// ChmodMode gives the permission bits of a after an allowed chmod to perm:
// S_ISGID falls where c is not in the group and has no CAP_FSETID.
func (c *Cred) ChmodMode(a *vfs.Attr, perm uint32) uint32 {
	return c.keepSGID(perm&0o7777, a.Gid)
}

// MayChown checks a chown(2); (uid_t)-1 leaves an id as it is. EPERM.
func (c *Cred) MayChown(a *vfs.Attr, uid, gid uint32) error {
	if uid&gid != invalid && (immutable(a) || appendOnly(a)) {
		return unix.EPERM
	}
	owner := a.Uid == c.FSUID
	if uid != invalid && !(owner && uid == a.Uid) && !c.Capable(unix.CAP_CHOWN) {
		return unix.EPERM
	}
	if gid != invalid && !(owner && (gid == a.Gid || c.InGroup(gid))) && !c.Capable(unix.CAP_CHOWN) {
		return unix.EPERM
	}
	// Set-id bits that fall are a chmod, which needs its own right.
	if c.chownDrops(a) != 0 && !c.ownerOrCapable(a) {
		return unix.EPERM
	}
	return nil
}

// ChownMode gives the permission bits of a after an allowed chown to gid
// ((gid_t)-1: unchanged). The chown of anything but a directory also removes
// its security.capability xattr.
func (c *Cred) ChownMode(a *vfs.Attr, gid uint32) uint32 {
	drop := c.chownDrops(a)
	if drop == 0 {
		return a.Perm()
	}
	return c.keepSGID(a.Perm()&^drop, pick(gid, a.Gid))
}

// chownDrops tells which set-id bits a chown takes off (chown_common in
// fs/open.c), whoever asks: not even root keeps them.
func (c *Cred) chownDrops(a *vfs.Attr) uint32 {
	if a.IsDir() {
		return 0
	}
	return a.Perm()&unix.S_ISUID | c.dropsSGID(a)
}

// dropsSGID is setattr_should_drop_sgid.
func (c *Cred) dropsSGID(a *vfs.Attr) uint32 {
	perm := a.Perm()
	if perm&unix.S_IXGRP != 0 {
		return perm & unix.S_ISGID
	}
	return perm &^ c.keepSGID(perm, a.Gid)
}

// keepSGID takes S_ISGID off perm unless c is in the group or has CAP_FSETID.
func (c *Cred) keepSGID(perm, gid uint32) uint32 {
	if c.InGroup(gid) || c.Capable(unix.CAP_FSETID) {
		return perm
	}
	return perm &^ unix.S_ISGID
}

// WriteMode gives the permission bits of a after c wrote to it or truncated
// it: set-id bits fall (file_remove_privs), and so does the
// security.capability xattr, that one even for root.
func (c *Cred) WriteMode(a *vfs.Attr) uint32 {
	if a.Kind() != unix.S_IFREG || c.Capable(unix.CAP_FSETID) {
		return a.Perm()
	}
	return a.Perm() &^ (unix.S_ISUID | c.dropsSGID(a))
}

// MaySetTimes checks a utimensat(2). explicit is false if both times are
// UTIME_NOW (or the pointer is NULL): then write permission does. EPERM,
// EACCES.
func (c *Cred) MaySetTimes(a *vfs.Attr, explicit bool) error {
	return c.MaySetTimesACL(a, nil, explicit)
}

// MaySetTimesACL is MaySetTimes for a file with an ACL.
func (c *Cred) MaySetTimesACL(a *vfs.Attr, acl []byte, explicit bool) error {
	switch {
	case immutable(a), explicit && appendOnly(a):
		return unix.EPERM
	case c.ownerOrCapable(a):
		return nil
	case explicit:
		return unix.EPERM
	}
	return c.MayACL(a, acl, unix.W_OK)
}
