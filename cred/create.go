package cred

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// MayCreate checks the making of a name in dir (may_create in fs/namei.c).
// EACCES; EPERM if dir is immutable.
func (c *Cred) MayCreate(dir *vfs.Attr) error { return c.MayCreateACL(dir, nil) }

// MayCreateACL is MayCreate where dir has an ACL.
func (c *Cred) MayCreateACL(dir *vfs.Attr, dirACL []byte) error {
	return c.MayACL(dir, dirACL, unix.W_OK|unix.X_OK)
}

// MayMknod checks a mknod(2) of mode, with its type, in dir. EPERM for a
// directory and for devices without CAP_MKNOD, EINVAL for other types.
func (c *Cred) MayMknod(dir *vfs.Attr, mode uint32, rdev uint64) error {
	device := false
	switch mode & unix.S_IFMT {
	case unix.S_IFREG, unix.S_IFIFO, unix.S_IFSOCK, 0:
	case unix.S_IFCHR:
		// Device 0 is the whiteout of overlay file systems, which opens
		// nothing: anyone may make it.
		device = rdev != 0
	case unix.S_IFBLK:
		device = true
	case unix.S_IFDIR:
		return unix.EPERM
	default:
		return unix.EINVAL
	}
	if err := c.MayCreate(dir); err != nil {
		return err
	}
	if device && !c.Capable(unix.CAP_MKNOD) {
		return unix.EPERM
	}
	return nil
}

// NewFile gives the owner and mode of a file that c makes in dir: mode has the
// type, and the umask (or default ACL) already taken off (inode_init_owner and
// mode_strip_sgid in fs/inode.c).
func (c *Cred) NewFile(dir *vfs.Attr, mode uint32) (vfs.Owner, uint32) {
	o := vfs.Owner{UID: c.FSUID, GID: c.FSGID}
	if dir.Mode&unix.S_ISGID == 0 {
		return o, mode
	}
	o.GID = dir.Gid
	if mode&unix.S_IFMT == unix.S_IFDIR {
		mode |= unix.S_ISGID
	} else if mode&sgidExec == sgidExec {
		mode = c.keepSGID(mode, dir.Gid)
	}
	return o, mode
}
