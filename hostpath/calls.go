package hostpath

import (
	"os"

	"golang.org/x/sys/unix"
)

// Open is open(2).
func Open(path string, flags int, mode uint32) (fd int, err error) {
	fd = -1
	err = by(path, func(p string) (err error) {
		fd, err = unix.Open(p, flags, mode)
		return err
	})
	return fd, err
}

// OpenFile is os.OpenFile.
func OpenFile(path string, flags int, mode os.FileMode) (f *os.File, err error) {
	err = by(path, func(p string) (err error) {
		f, err = os.OpenFile(p, flags, mode)
		return err
	})
	return f, err
}

// ReadDir is os.ReadDir; no entry can be asked for more than its name and type.
func ReadDir(path string) (list []os.DirEntry, err error) {
	err = by(path, func(p string) (err error) {
		list, err = os.ReadDir(p)
		return err
	})
	return list, err
}

// Target is os.Readlink.
func Target(path string) (target string, err error) {
	err = by(path, func(p string) (err error) {
		target, err = os.Readlink(p)
		return err
	})
	return target, err
}

// Statx is statx(2).
func Statx(path string, flags, mask int, a *unix.Statx_t) error {
	return by(path, func(p string) error { return unix.Statx(unix.AT_FDCWD, p, flags, mask, a) })
}

// Readlink is readlink(2).
func Readlink(path string, buf []byte) (n int, err error) {
	err = by(path, func(p string) (err error) {
		n, err = unix.Readlink(p, buf)
		return err
	})
	return n, err
}

// Access is faccessat(2), with its flags.
func Access(path string, mode uint32, flags int) error {
	return by(path, func(p string) error { return unix.Faccessat(unix.AT_FDCWD, p, mode, flags) })
}

// Mkdir is mkdir(2).
func Mkdir(path string, mode uint32) error {
	return by(path, func(p string) error { return unix.Mkdir(p, mode) })
}

// Mknod is mknod(2).
func Mknod(path string, mode uint32, dev int) error {
	return by(path, func(p string) error { return unix.Mknod(p, mode, dev) })
}

// Symlink is symlink(2).
func Symlink(target, path string) error {
	return by(path, func(p string) error { return unix.Symlink(target, p) })
}

// Link is link(2).
func Link(from, to string) error { return Linkat(from, to, 0) }

// Linkat is linkat(2), with its flags.
func Linkat(from, to string, flags int) error {
	return byBoth(from, to, func(from, to string) error {
		return unix.Linkat(unix.AT_FDCWD, from, unix.AT_FDCWD, to, flags)
	})
}

// Unlink is unlink(2).
func Unlink(path string) error { return by(path, unix.Unlink) }

// Rmdir is rmdir(2).
func Rmdir(path string) error { return by(path, unix.Rmdir) }

// Rename is rename(2).
func Rename(from, to string) error { return byBoth(from, to, unix.Rename) }

// Renameat2 is renameat2(2), with its flags.
func Renameat2(from, to string, flags uint) error {
	return byBoth(from, to, func(from, to string) error {
		return unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, flags)
	})
}

// UtimesNanoAt is utimensat(2).
func UtimesNanoAt(path string, times []unix.Timespec, flags int) error {
	return by(path, func(p string) error { return unix.UtimesNanoAt(unix.AT_FDCWD, p, times, flags) })
}

// InotifyAddWatch is inotify_add_watch(2).
func InotifyAddWatch(fd int, path string, mask uint32) (wd int, err error) {
	err = by(path, func(p string) (err error) {
		wd, err = unix.InotifyAddWatch(fd, p, mask)
		return err
	})
	return wd, err
}
