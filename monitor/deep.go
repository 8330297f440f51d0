package monitor

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// Guests get to directories whose path is longer than the kernel takes or tells
// (PATH_MAX), step by step; and the layer's own path makes every one longer.

// hostLink is the host path that a magic link of procfs leads to. The kernel
// tells none that is too long; a directory's is put together from the names
// that those above it have for it.
func (m *Monitor) hostLink(proc string) (string, error) {
	host, err := os.Readlink(proc)
	if !errors.Is(err, unix.ENAMETOOLONG) {
		return host, err
	}
	fd, err := unix.Open(proc, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", unix.ENAMETOOLONG // of no directory
	}
	var below []string // the last first
	for {
		host, ok, err := m.hostOfDir(fd)
		if err != nil {
			unix.Close(fd)
			return "", err
		}
		if ok {
			unix.Close(fd)
			for i := len(below) - 1; i >= 0; i-- {
				host = vfs.Join(host, below[i])
			}
			return host, nil
		}
		up, name, err := above(fd)
		unix.Close(fd)
		if err != nil {
			return "", err
		}
		fd, below = up, append(below, name)
	}
}

// hostOfDir is the host path of a directory, where it is remembered or the
// kernel tells it; ok is false where it is too long for that.
func (m *Monitor) hostOfDir(fd int) (host string, ok bool, err error) {
	a, err := vfs.HostStatAt(fd, "", unix.AT_EMPTY_PATH)
	if err != nil {
		return "", false, err
	}
	if d := m.tree.ByID(a.Dev(), a.Ino); d != nil {
		if rec, err := m.tree.Record(d, false); err == nil && rec.Dev == a.Dev() && rec.Ino == a.Ino {
			return rec.Host, true, nil
		}
	}
	host, err = os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
	switch {
	case errors.Is(err, unix.ENAMETOOLONG):
		return "", false, nil
	case err == nil && strings.HasSuffix(host, deleted):
		return "", false, unix.ENOENT
	}
	return host, true, err
}

// above opens the directory above another, and tells the name that it has for
// it. ENOENT if it has none any more.
func above(fd int) (up int, name string, err error) {
	a, err := vfs.HostStatAt(fd, "", unix.AT_EMPTY_PATH)
	if err != nil {
		return -1, "", err
	}
	const flags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC
	if up, err = unix.Openat(fd, "..", flags|unix.O_NOATIME, 0); err == unix.EPERM {
		up, err = unix.Openat(fd, "..", flags, 0)
	}
	if err != nil {
		return -1, "", err
	}
	entries, err := vfs.ReadDirents(up)
	for _, e := range entries {
		if e.Type != unix.DT_DIR && e.Type != unix.DT_UNKNOWN || e.Name == "." || e.Name == ".." {
			continue
		}
		if b, err := vfs.HostStatAt(up, e.Name, unix.AT_SYMLINK_NOFOLLOW); err == nil && b.Ino == a.Ino && b.Dev() == a.Dev() {
			return up, e.Name, nil
		}
	}
	unix.Close(up)
	if err == nil {
		err = unix.ENOENT
	}
	return -1, "", err
}

// reachable is a path by which a guest comes to a host path of any length.
// through, if not 0, is a descriptor of ours that it leads through.
func reachable(host string) (path string, through int, err error) {
	if !hostpath.Long(host) {
		return host, 0, nil
	}
	dir, rest, err := hostpath.Reach(host)
	if err != nil {
		return "", 0, err
	}
	return "/proc/" + strconv.Itoa(self) + "/fd/" + strconv.Itoa(dir) + "/" + rest, dir, nil
}

// openLong is an open of a path that neither transport can make.
func (c *call) openLong(v ptrace.Verdict) ptrace.Verdict {
	return c.m.later(c.task, c.entry, causeWaits, func() ptrace.Verdict {
		fd, err := hostpath.Open(v.Host, v.Flags|unix.O_CLOEXEC|unix.O_NOCTTY, v.Mode)
		if err != nil {
			return fails(err)
		}
		return ptrace.ReturnFD(fd, v.Flags, "")
	})
}
