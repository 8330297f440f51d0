package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

func (c *call) utimes() ptrace.Verdict {
	// Before the path is looked at; and it is not, where both are omitted.
	var s vfs.SetAttr
	if err := c.times(&s); err != nil {
		return fails(err)
	}
	if s.Atime.Nsec == unix.UTIME_OMIT && s.Mtime.Nsec == unix.UTIME_OMIT {
		return ptrace.Return(0)
	}
	if c.value(sysent.Path) == 0 && c.has(sysent.DirFD) {
		fd := c.dirfd(sysent.DirFD)
		if fd == unix.AT_FDCWD {
			return ptrace.Fail(unix.EFAULT)
		}
		if c.flags() != 0 {
			return ptrace.Fail(unix.EINVAL) // do_utimes_fd in fs/utimes.c
		}
		return c.setByFD(fd, c.utimesOf)
	}
	return c.setByPath(c.utimesOf)
}

func (c *call) utimesOf(a *vfs.Attr) (s vfs.SetAttr, err error) {
	s.Valid = vfs.SetTimes
	s.Atime.Nsec, s.Mtime.Nsec = unix.UTIME_NOW, unix.UTIME_NOW
	if err := c.times(&s); err != nil {
		return s, err
	}
	if !validTimes(&s) {
		return s, unix.EINVAL
	}
	explicit := s.Atime.Nsec != unix.UTIME_NOW || s.Mtime.Nsec != unix.UTIME_NOW
	return s, c.cred().MaySetTimes(a, explicit)
}

// times reads the times of utimensat, utimes or utime; NULL means now.
func (c *call) times(s *vfs.SetAttr) error {
	var b [32]byte
	abi, addr := c.abi(), c.value(sysent.Times)
	wide := c.has(sysent.Times64)
	if wide {
		abi, addr = false, c.value(sysent.Times64)
	}
	word := func(i int) int64 { return abi.IntAt(b[:], i) }
	if addr, ok := c.arg(sysent.Utimbuf); ok {
		if addr == 0 {
			return nil
		}
		if err := c.thread.Mem.Read(addr, b[:2*abi.Word()]); err != nil {
			return err
		}
		s.Atime, s.Mtime = unix.Timespec{Sec: word(0)}, unix.Timespec{Sec: word(1)}
		return nil
	}
	at, micro := c.arg(sysent.Timevals)
	if micro {
		addr = at
	}
	if addr == 0 {
		return nil
	}
	if err := c.thread.Mem.Read(addr, b[:4*abi.Word()]); err != nil {
		return err
	}
	s.Atime = unix.Timespec{Sec: word(0), Nsec: word(1)}
	s.Mtime = unix.Timespec{Sec: word(2), Nsec: word(3)}
	if micro {
		for _, t := range []*unix.Timespec{&s.Atime, &s.Mtime} {
			if t.Nsec < 0 || t.Nsec >= 1e6 {
				return unix.EINVAL
			}
			t.Nsec *= 1000
		}
	}
	if wide { // get_timespec64 in kernel/time/time.c
		s.Atime.Nsec, s.Mtime.Nsec = s.Atime.Nsec&0xffffffff, s.Mtime.Nsec&0xffffffff
	}
	return nil
}

// validTimes: which is asked when the file is known (vfs_utimes in fs/utimes.c).
func validTimes(s *vfs.SetAttr) bool {
	for _, t := range []unix.Timespec{s.Atime, s.Mtime} {
		if (t.Nsec < 0 || t.Nsec >= 1e9) && t.Nsec != unix.UTIME_NOW && t.Nsec != unix.UTIME_OMIT {
			return false
		}
	}
	return true
}
