package cred

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// sgidExec is a file that sets the group id on exec.
const sgidExec = unix.S_ISGID | unix.S_IXGRP

// May checks access to a file with the ACL that its attributes come with. mask is made of unix.R_OK, W_OK
// and X_OK (search, for a directory). EACCES; EPERM for writing to an immutable
// file.
func (c *Cred) May(a *vfs.Attr, mask uint32) error { return c.MayACL(a, nil, mask) }

// MaySearch implements vfs.Searcher.
func (c *Cred) MaySearch(dir *vfs.Attr) error { return c.May(dir, unix.X_OK) }

// MayACL is May for a file with the system.posix_acl_access xattr acl, nil for
// that of the attributes (inode_permission and generic_permission in fs/namei.c).
func (c *Cred) MayACL(a *vfs.Attr, acl []byte, mask uint32) error {
	mask &= unix.R_OK | unix.W_OK | unix.X_OK
	if mask&unix.W_OK != 0 && immutable(a) {
		return unix.EPERM
	}
	if c.overridesDAC(a, mask) {
		return nil
	}
	return c.mayByMode(a, acl, mask)
}

// mayByMode is acl_permission_check: one class of bits decides, the owner's
// before any ACL.
func (c *Cred) mayByMode(a *vfs.Attr, acl []byte, mask uint32) error {
	perm := a.Perm()
	if a.Uid == c.FSUID {
		perm >>= 6
	} else {
		// Without group bits the ACL's mask lets nothing through, and the
		// kernel doesn't look.
		if perm&unix.S_IRWXG != 0 && acl == nil && a.ACL != nil {
			acl = a.ACL.AccessACL()
		}
		if len(acl) != 0 && perm&unix.S_IRWXG != 0 {
			if err := c.mayByACL(a, acl, mask); err != errNoACL {
				return err
			}
		}
		if c.InGroup(a.Gid) {
			perm >>= 3
		}
	}
	if mask&^perm != 0 {
		return unix.EACCES
	}
	return nil
}

// overridesDAC tells whether a capability grants what the mode denies. For
// files, execution is granted only where somebody may execute.
func (c *Cred) overridesDAC(a *vfs.Attr, mask uint32) bool {
	search := c.Capable(unix.CAP_DAC_READ_SEARCH)
	override := c.Capable(unix.CAP_DAC_OVERRIDE)
	if a.IsDir() {
		return override || search && mask&unix.W_OK == 0
	}
	return search && mask == unix.R_OK ||
		override && (mask&unix.X_OK == 0 || a.Perm()&0o111 != 0)
}

// ownerOrCapable is inode_owner_or_capable.
func (c *Cred) ownerOrCapable(a *vfs.Attr) bool {
	return a.Uid == c.FSUID || c.Capable(unix.CAP_FOWNER)
}

func immutable(a *vfs.Attr) bool  { return a.Attributes&unix.STATX_ATTR_IMMUTABLE != 0 }
func appendOnly(a *vfs.Attr) bool { return a.Attributes&unix.STATX_ATTR_APPEND != 0 }
