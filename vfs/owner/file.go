package owner

import (
	"fmt"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// file is a host file held by a descriptor, so that no step of a change can
// hit another file that took the name in between.
type file struct {
	fd   int
	path string // /proc/self/fd/N
	raw  vfs.Attr
}

// hold opens path (a magic link of /proc, or the file itself) with O_PATH.
func hold(path string) (file, error) {
	flags := unix.O_PATH | unix.O_CLOEXEC
	if !magic(path) {
		flags |= unix.O_NOFOLLOW
	}
	fd, err := hostpath.Open(path, flags, 0)
	if err != nil {
		return file{}, fmt.Errorf("open %s: %w", path, err)
	}
	f, err := of(fd)
	if err != nil {
		unix.Close(fd)
	}
	return f, err
}

// of is the file behind a descriptor, which stays the caller's.
func of(fd int) (file, error) {
	raw, err := vfs.HostStatAt(fd, "", unix.AT_EMPTY_PATH)
	return file{fd, fmt.Sprintf("/proc/self/fd/%d", fd), raw}, err
}

func (f file) close() { unix.Close(f.fd) }

func (f file) chown(uid, gid int) error {
	return unix.Fchownat(f.fd, "", uid, gid, unix.AT_EMPTY_PATH)
}

func (f file) chmod(perm uint32) error { return unix.Chmod(f.path, perm) }
