package arch

import "golang.org/x/sys/unix"

// StatOf is the struct stat that says the same as a struct statx.
func StatOf(x *unix.Statx_t) unix.Stat_t {
	return unix.Stat_t{
		Dev: unix.Mkdev(x.Dev_major, x.Dev_minor), Ino: x.Ino, Nlink: uint32(x.Nlink),
		Mode: uint32(x.Mode), Uid: x.Uid, Gid: x.Gid,
		Rdev: unix.Mkdev(x.Rdev_major, x.Rdev_minor), Size: int64(x.Size),
		Blksize: int32(x.Blksize), Blocks: int64(x.Blocks),
		Atim: timespec(x.Atime), Mtim: timespec(x.Mtime), Ctim: timespec(x.Ctime),
	}
}
