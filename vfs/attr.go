package vfs

import "golang.org/x/sys/unix"

// Attr is what stat(2) and statx(2) tell of a file, as the view shows it. The
// layout is the kernel's struct statx (include/uapi/linux/stat.h), so that a
// guest's statx is answered without loss.
type Attr struct {
	unix.Statx_t
	// ACL, if not nil, has the file's access ACL, for who asks for permission.
	ACL AccessACL
}

// AccessACL has an access ACL (acl(5)), a comparable value.
type AccessACL interface {
	// AccessACL is the ACL as include/uapi/linux/posix_acl_xattr.h has it, nil
	// for none.
	AccessACL() []byte
}

// XattrACLAccess is the name of the attribute that an access ACL is.
const XattrACLAccess = "system.posix_acl_access"

// ACLAt is the access ACL of a file of a file system.
type ACLAt struct {
	FS   FileSystem
	Path string
}

// AccessACL implements AccessACL.
func (x ACLAt) AccessACL() []byte {
	acl, err := x.FS.Getxattr(x.Path, XattrACLAccess)
	if err != nil {
		return nil
	}
	return acl
}

// Kind is the file type, one of the unix.S_IFMT values.
func (a *Attr) Kind() uint32 { return uint32(a.Mode) & unix.S_IFMT }

// Perm is the permission and set-id bits (07777).
func (a *Attr) Perm() uint32 { return uint32(a.Mode) & 0o7777 }

// IsDir tells whether the file is a directory.
func (a *Attr) IsDir() bool { return a.Kind() == unix.S_IFDIR }

// IsLink tells whether the file is a symbolic link.
func (a *Attr) IsLink() bool { return a.Kind() == unix.S_IFLNK }

// Dev is the device number of the file system, as st_dev has it.
func (a *Attr) Dev() uint64 { return unix.Mkdev(a.Dev_major, a.Dev_minor) }

// SetDev sets the device number of the file system.
func (a *Attr) SetDev(dev uint64) {
	a.Dev_major, a.Dev_minor = unix.Major(dev), unix.Minor(dev)
}

// Rdev is the device that a device node stands for.
func (a *Attr) Rdev() uint64 { return unix.Mkdev(a.Rdev_major, a.Rdev_minor) }

// SetRdev sets the device that a device node stands for.
func (a *Attr) SetRdev(dev uint64) {
	a.Rdev_major, a.Rdev_minor = unix.Major(dev), unix.Minor(dev)
}

// SetPerm replaces the permission bits and leaves the type.
func (a *Attr) SetPerm(perm uint32) { a.Mode = a.Mode&unix.S_IFMT | uint16(perm&0o7777) }

// HostLstat asks the host's kernel about one path, without following a link
// at its end.
func HostLstat(path string) (Attr, error) {
	return HostStatAt(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW)
}

// HostStatAt is statx(2) with the basic fields and the birth time.
func HostStatAt(dirfd int, path string, flags int) (Attr, error) {
	var a Attr
	err := statx(dirfd, path, flags|unix.AT_NO_AUTOMOUNT, unix.STATX_BASIC_STATS|unix.STATX_BTIME|unix.STATX_MNT_ID, &a.Statx_t)
	return a, err
}
