package cred

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// MayLink checks a link(2) of the file a to a free name in dir. protected is
// fs.protected_hardlinks. EPERM, EACCES.
func (c *Cred) MayLink(a, dir *vfs.Attr, protected bool) error {
	return c.MayLinkACL(a, nil, dir, nil, protected)
}

// MayLinkACL is MayLink where the file and the directory have ACLs (may_linkat
// and vfs_link in fs/namei.c).
func (c *Cred) MayLinkACL(a *vfs.Attr, acl []byte, dir *vfs.Attr, dirACL []byte, protected bool) error {
	if protected && !c.ownerOrCapable(a) && !c.safeSource(a, acl) {
		return unix.EPERM
	}
	if err := c.MayCreateACL(dir, dirACL); err != nil {
		return err
	}
	if immutable(a) || appendOnly(a) || a.IsDir() {
		return unix.EPERM
	}
	return nil
}

// safeSource is safe_hardlink_source: what a user could as well have copied
// and written.
func (c *Cred) safeSource(a *vfs.Attr, acl []byte) bool {
	return a.Kind() == unix.S_IFREG && a.Mode&unix.S_ISUID == 0 &&
		a.Mode&sgidExec != sgidExec && c.MayACL(a, acl, unix.R_OK|unix.W_OK) == nil
}

// stickyWorld is a directory as /tmp is one.
const stickyWorld = unix.S_ISVTX | unix.S_IWOTH

// MayFollowLink checks whether a symbolic link in dir, at the end of a path,
// may be followed. protected is fs.protected_symlinks. EACCES.
func (c *Cred) MayFollowLink(dir, link *vfs.Attr, protected bool) error {
	if !protected || link.Uid == c.FSUID || dir.Mode&stickyWorld != stickyWorld || dir.Uid == link.Uid {
		return nil
	}
	return unix.EACCES
}

// MayCreateInSticky checks an open with O_CREAT of a file that exists in dir.
// fifos and regular are fs.protected_fifos and fs.protected_regular: 0 to 2.
// EACCES.
func (c *Cred) MayCreateInSticky(dir, a *vfs.Attr, fifos, regular int) error {
	level := 0
	switch a.Kind() {
	case unix.S_IFIFO:
		level = fifos
	case unix.S_IFREG:
		level = regular
	default:
		// The kernel excepts only the two kinds; sockets and devices are
		// held to the world-writable rule.
		level = 1
	}
	if level == 0 || dir.Mode&unix.S_ISVTX == 0 || a.Uid == dir.Uid || a.Uid == c.FSUID {
		return nil
	}
	if dir.Mode&unix.S_IWOTH != 0 || dir.Mode&unix.S_IWGRP != 0 && level >= 2 {
		return unix.EACCES
	}
	return nil
}
