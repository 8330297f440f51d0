package cred

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// XattrCaps is the name of the xattr with a file's capabilities.
const XattrCaps = "security.capability"

// MaySetXattr checks a setxattr(2) or removexattr(2) of the full name
// (xattr_permission in fs/xattr.c, cap_inode_setxattr). EPERM, EACCES;
// EOPNOTSUPP for an ACL of a symbolic link.
func (c *Cred) MaySetXattr(a *vfs.Attr, name string) error { return c.MaySetXattrACL(a, nil, name) }

// MaySetXattrACL is MaySetXattr for a file with an ACL.
func (c *Cred) MaySetXattrACL(a *vfs.Attr, acl []byte, name string) error {
	if immutable(a) || appendOnly(a) {
		return unix.EPERM
	}
	switch namespace(name) {
	case "security":
		needs := unix.CAP_SYS_ADMIN
		if name == XattrCaps {
			needs = unix.CAP_SETFCAP
		}
		return c.needs(needs)
	case "system":
		if !strings.HasPrefix(name, "system.posix_acl_") {
			return nil // that there is none such is the file system's to say
		}
		return c.maySetACL(a)
	case "trusted":
		return c.needs(unix.CAP_SYS_ADMIN)
	case "user":
		if !hasUserXattrs(a) || a.IsDir() && a.Mode&unix.S_ISVTX != 0 && !c.ownerOrCapable(a) {
			return unix.EPERM
		}
	}
	return c.MayACL(a, acl, unix.W_OK)
}

// MayGetXattr checks a getxattr(2). ENODATA for what c is not to know of,
// EACCES.
func (c *Cred) MayGetXattr(a *vfs.Attr, name string) error { return c.MayGetXattrACL(a, nil, name) }

// MayGetXattrACL is MayGetXattr for a file with an ACL.
func (c *Cred) MayGetXattrACL(a *vfs.Attr, acl []byte, name string) error {
	space := namespace(name)
	switch {
	case space == "security" || space == "system":
		return nil
	case !c.ListsXattr(name), space == "user" && !hasUserXattrs(a):
		return unix.ENODATA
	case space == "trusted":
		return nil
	}
	return c.MayACL(a, acl, unix.R_OK)
}

// namespace is what stands before the first dot of a name, "" if there is none.
func namespace(name string) string {
	before, _, ok := strings.Cut(name, ".")
	if !ok {
		return ""
	}
	return before
}

// ListsXattr tells whether listxattr(2) shows the name to c.
func (c *Cred) ListsXattr(name string) bool {
	return !strings.HasPrefix(name, "trusted.") || c.Capable(unix.CAP_SYS_ADMIN)
}

// maySetACL is vfs_set_acl.
func (c *Cred) maySetACL(a *vfs.Attr) error {
	switch {
	case a.IsLink():
		return unix.EOPNOTSUPP
	case !c.ownerOrCapable(a):
		return unix.EPERM
	}
	return nil
}

// hasUserXattrs: links, devices, pipes and sockets have none (xattr(7)).
func hasUserXattrs(a *vfs.Attr) bool { return a.Kind() == unix.S_IFREG || a.IsDir() }

func (c *Cred) needs(capability int) error {
	if !c.Capable(capability) {
		return unix.EPERM
	}
	return nil
}
