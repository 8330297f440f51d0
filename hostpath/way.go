package hostpath

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// most is how long what is left of a path may be, in bytes: room is for
// "/proc/PID/fd/N/" before it.
const most = unix.PathMax - 64

// Long tells whether the kernel refuses a path for its length.
func Long(path string) bool { return len(path) >= unix.PathMax }

// Reach opens, with O_PATH, a directory from which the rest of a long path is
// short enough. If that is all of it, dir is AT_FDCWD.
func Reach(path string) (dir int, rest string, err error) {
	return ReachBy(path, func(dirfd int, path string) (int, error) {
		return unix.Openat(dirfd, path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	})
}

// ReachBy is Reach with another way to open a directory on the way.
func ReachBy(path string, open func(dirfd int, path string) (int, error)) (dir int, rest string, err error) {
	dir = unix.AT_FDCWD
	for rest = path; len(rest) > most; {
		cut := strings.LastIndexByte(rest[:most], '/')
		if cut <= 0 {
			err = unix.ENAMETOOLONG
			break
		}
		var next int
		next, err = open(dir, rest[:cut])
		if err != nil {
			break
		}
		closeDir(dir)
		dir, rest = next, strings.TrimLeft(rest[cut:], "/")
	}
	if err != nil {
		closeDir(dir)
		return -1, "", err
	}
	return dir, rest, nil
}

func closeDir(fd int) {
	if fd >= 0 {
		unix.Close(fd)
	}
}

// by calls f with a path that the kernel takes for a given one.
func by(path string, f func(string) error) error {
	if !Long(path) {
		return f(path)
	}
	dir, rest, err := Reach(path)
	if err != nil {
		return err
	}
	defer closeDir(dir)
	return f("/proc/self/fd/" + strconv.Itoa(dir) + "/" + rest)
}

func byBoth(a, b string, f func(a, b string) error) error {
	return by(a, func(a string) error {
		return by(b, func(b string) error { return f(a, b) })
	})
}
