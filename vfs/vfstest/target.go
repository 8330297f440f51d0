package vfstest

import (
	"github.com/veduta/veduta/vfs"
)

// Target is something that operations are applied to: a file system of ours,
// or a directory of the host by system calls.
type Target interface {
	Mkdir(path string, mode uint32) error
	Mknod(path string, mode uint32, rdev uint64) error
	Symlink(target, path string) error
	Link(oldpath, newpath string) error
	Unlink(path string) error
	Rmdir(path string) error
	Rename(oldpath, newpath string, flags uint) error
	Chmod(path string, mode uint32) error
	Chown(path string, uid, gid int) error
	Truncate(path string, size int64) error
	Utimes(path string, mtime int64) error
	Setxattr(path, name, value string, flags int) error
	Removexattr(path, name string) error
	Getxattr(path, name string) (string, error)
	// Write opens with the flags and appends text if the flags let it.
	Write(path string, flags int, mode uint32, text string) error
	Readlink(path string) (string, error)
	Lstat(path string) (vfs.Attr, error)
	// Read gives a file's data, List a directory's entries with the dots.
	Read(path string) (string, error)
	List(path string) ([]vfs.Dirent, error)
}
