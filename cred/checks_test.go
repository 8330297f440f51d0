package cred_test

import (
	"fmt"
	"math/rand"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
)

// check is one operation on a scene: what the kernel says, what the model
// says, and what to find after a success.
type check struct {
	name   string
	kernel func() unix.Errno
	model  func(c *cred.Cred) error
	// after lists the expected owner and mode of the file at path, as
	// "uid gid mode"; unused if path is empty.
	path  string
	after func(c *cred.Cred) string
}

func owned(uid, gid, mode uint32) string { return fmt.Sprintf("%d %d %o", uid, gid, mode) }

const search = unix.X_OK

// first gives the first error: the order in which the kernel asks.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

var randChecks = []func(*rand.Rand, *scene) check{
	checkAccess, checkAccess, checkOpen, checkOpen, checkChmod, checkChown, checkUnlink,
	checkLink, checkRename, checkMknod, checkMkdir, checkTimes, checkXattr, checkFollow, checkWrite,
}

func checkAccess(r *rand.Rand, s *scene) check {
	mask, real := uint32(r.Intn(8)), r.Intn(2) == 0
	flags := uintptr(unix.AT_SYMLINK_NOFOLLOW)
	if !real {
		flags |= unix.AT_EACCESS
	}
	return check{
		name:   fmt.Sprintf("access %o real=%v", mask, real),
		kernel: func() unix.Errno { return rawPath(unix.SYS_FACCESSAT2, unix.AT_FDCWD, s.fPath, uintptr(mask), flags) },
		model: func(c *cred.Cred) error {
			if real {
				c = c.WithRealIDs()
			}
			return first(c.May(&s.a, search), c.MayACL(&s.f, s.fACL, mask))
		},
	}
}

func checkOpen(r *rand.Rand, s *scene) check {
	flags := r.Intn(4) | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC
	if r.Intn(3) == 0 {
		flags |= unix.O_TRUNC
	}
	if r.Intn(3) == 0 {
		flags |= unix.O_NOATIME
	}
	return check{
		name: fmt.Sprintf("open %#x", flags),
		kernel: func() unix.Errno {
			fd, e := rawOpen(s.fPath, flags)
			if s.f.Kind() == unix.S_IFIFO && (e == unix.ENXIO || e == unix.EINVAL) {
				return 0 // no reader, access mode 3: permitted, but of no use
			}
			if e == 0 {
				raw(unix.SYS_CLOSE, fd)
			}
			return e
		},
		model: func(c *cred.Cred) error {
			return first(c.May(&s.a, search), c.MayOpen(&s.f, s.fACL, flags))
		},
		path: s.fPath,
		after: func(c *cred.Cred) string {
			perm := s.f.Perm()
			if flags&unix.O_TRUNC != 0 {
				perm = c.WriteMode(&s.f)
			}
			return owned(s.f.Uid, s.f.Gid, perm)
		},
	}
}

func checkWrite(r *rand.Rand, s *scene) check {
	return check{
		name: "write",
		kernel: func() unix.Errno {
			fd, e := rawOpen(s.fPath, unix.O_WRONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC)
			switch e {
			case unix.ENXIO:
				return 0
			case 0:
				rawWrite(fd)
				raw(unix.SYS_CLOSE, fd)
			}
			return e
		},
		model: func(c *cred.Cred) error {
			return first(c.May(&s.a, search), c.MayOpen(&s.f, s.fACL, unix.O_WRONLY))
		},
		path:  s.fPath,
		after: func(c *cred.Cred) string { return owned(s.f.Uid, s.f.Gid, c.WriteMode(&s.f)) },
	}
}

func checkChmod(r *rand.Rand, s *scene) check {
	mode := uint32(r.Intn(0o10000))
	return check{
		name: fmt.Sprintf("chmod %o", mode),
		kernel: func() unix.Errno {
			return rawPath(unix.SYS_FCHMODAT2, unix.AT_FDCWD, s.fPath, uintptr(mode), unix.AT_SYMLINK_NOFOLLOW)
		},
		model: func(c *cred.Cred) error { return first(c.May(&s.a, search), c.MayChmod(&s.f)) },
		path:  s.fPath,
		after: func(c *cred.Cred) string { return owned(s.f.Uid, s.f.Gid, c.ChmodMode(&s.f, mode)) },
	}
}

func checkChown(r *rand.Rand, s *scene) check {
	id := func(same uint32) uint32 {
		switch r.Intn(3) {
		case 0:
			return same
		case 1:
			return ^uint32(0)
		}
		return randOwner(r)
	}
	uid, gid := id(s.f.Uid), id(s.f.Gid)
	or := func(id, same uint32) uint32 {
		if id == ^uint32(0) {
			return same
		}
		return id
	}
	return check{
		name: fmt.Sprintf("chown %d %d", int32(uid), int32(gid)),
		kernel: func() unix.Errno {
			return rawPath(unix.SYS_FCHOWNAT, unix.AT_FDCWD, s.fPath, uintptr(uid), uintptr(gid), unix.AT_SYMLINK_NOFOLLOW)
		},
		model: func(c *cred.Cred) error { return first(c.May(&s.a, search), c.MayChown(&s.f, uid, gid)) },
		path:  s.fPath,
		after: func(c *cred.Cred) string {
			return owned(or(uid, s.f.Uid), or(gid, s.f.Gid), c.ChownMode(&s.f, gid))
		},
	}
}

func checkTimes(r *rand.Rand, s *scene) check {
	var times *[2]unix.Timespec
	explicit := r.Intn(2) == 0
	if explicit {
		times = &[2]unix.Timespec{{Sec: 1}, {Nsec: unix.UTIME_NOW}}
	}
	model := func(c *cred.Cred) error {
		return first(c.May(&s.a, search), c.MaySetTimesACL(&s.f, s.fACL, explicit))
	}
	if s.f.IsLink() { // followed, to the root directory
		return checkMkdir(r, s)
	}
	return check{
		name:   fmt.Sprint("utimensat explicit=", explicit),
		kernel: func() unix.Errno { return rawTimes(unix.AT_FDCWD, s.fPath, times) },
		model:  model,
	}
}

func checkXattr(r *rand.Rand, s *scene) check {
	if s.f.IsLink() {
		return checkMkdir(r, s)
	}
	name := []string{"user.x", "trusted.x", "security.x", cred.XattrCaps, "system.posix_acl_access"}[r.Intn(5)]
	value := []byte("x")
	switch name {
	case cred.XattrCaps:
		value = (&cred.VFSCaps{Revision: 2, Permitted: 1}).Bytes()
	case "system.posix_acl_access":
		value = []byte{2, 0, 0, 0}
	}
	return check{
		name:   "setxattr " + name,
		kernel: func() unix.Errno { return rawSetxattr(s.fPath, name, value) },
		model: func(c *cred.Cred) error {
			return first(c.May(&s.a, search), c.MaySetXattrACL(&s.f, s.fACL, name))
		},
	}
}
