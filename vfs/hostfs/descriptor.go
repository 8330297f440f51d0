package hostfs

import (
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// SetAttrFD implements vfs.FileSystem.
func (f *FS) SetAttrFD(proc string, s vfs.SetAttr) error {
	if f.ReadOnly {
		return unix.EROFS
	}
	return f.Owners.SetAttr(proc, s)
}

// GetxattrFD implements vfs.FileSystem.
func (f *FS) GetxattrFD(proc, name string) ([]byte, error) { return f.Owners.Getxattr(proc, name) }

// SetxattrFD implements vfs.FileSystem.
func (f *FS) SetxattrFD(proc, name string, value []byte, flags int) error {
	if f.ReadOnly {
		return unix.EROFS
	}
	return f.Owners.Setxattr(proc, name, value, flags)
}

// ListxattrFD implements vfs.FileSystem.
func (f *FS) ListxattrFD(proc string) ([]string, error) { return f.Owners.Listxattr(proc) }

// RemovexattrFD implements vfs.FileSystem.
func (f *FS) RemovexattrFD(proc, name string) error {
	if f.ReadOnly {
		return unix.EROFS
	}
	return f.Owners.Removexattr(proc, name)
}
