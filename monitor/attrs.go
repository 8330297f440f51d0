package monitor

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// keep is an id argument that leaves the id as it is ((uid_t)-1).
const keep = ^uint32(0)

func (c *call) chmod() ptrace.Verdict {
	return c.setByPath(c.chmodOf)
}

func (c *call) chown() ptrace.Verdict { return c.setByPath(c.chownOf) }

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
		return c.setByFD(fd, c.utimesOf)
	}
	return c.setByPath(c.utimesOf)
}

func (c *call) fchmod() ptrace.Verdict {
	return c.setByFD(c.Int(c.entry.Arg(sysent.FD)), c.chmodOf)
}

func (c *call) fchown() ptrace.Verdict {
	return c.setByFD(c.Int(c.entry.Arg(sysent.FD)), c.chownOf)
}

// change works out what to set on a file of which a tells the attributes.
type change func(a *vfs.Attr) (vfs.SetAttr, error)

func (c *call) chmodOf(a *vfs.Attr) (s vfs.SetAttr, err error) {
	if a.IsLink() {
		return s, unix.EOPNOTSUPP
	}
	who := c.cred()
	if err := who.MayChmod(a); err != nil {
		return s, err
	}
	return vfs.SetAttr{Valid: vfs.SetMode, Mode: who.ChmodMode(a, uint32(c.value(sysent.Mode))&0o7777)}, nil
}

func (c *call) chownOf(a *vfs.Attr) (s vfs.SetAttr, err error) {
	uid, gid := uint32(c.value(sysent.UID)), uint32(c.value(sysent.GID))
	who := c.cred()
	if err := who.MayChown(a, uid, gid); err != nil {
		return s, err
	}
	if uid != keep {
		s.Valid, s.UID = s.Valid|vfs.SetUID, uid
	}
	if gid != keep {
		s.Valid, s.GID = s.Valid|vfs.SetGID, gid
	}
	if !a.IsDir() && !a.IsLink() {
		if mode := who.ChownMode(a, gid); mode != a.Perm() {
			s.Valid, s.Mode = s.Valid|vfs.SetMode, mode
		}
	}
	return s, nil
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
	word := func(i int) int64 { return int64(binary.NativeEndian.Uint64(b[8*i:])) }
	if addr, ok := c.arg(sysent.Utimbuf); ok {
		if addr == 0 {
			return nil
		}
		if err := c.thread.Mem.Read(addr, b[:16]); err != nil {
			return err
		}
		s.Atime, s.Mtime = unix.Timespec{Sec: word(0)}, unix.Timespec{Sec: word(1)}
		return nil
	}
	addr, micro := c.arg(sysent.Timevals)
	if !micro {
		addr = c.value(sysent.Times)
	}
	if addr == 0 {
		return nil
	}
	if err := c.thread.Mem.Read(addr, b[:]); err != nil {
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
		return nil
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

// setByPath changes the file that the path argument names.
func (c *call) setByPath(ch change) ptrace.Verdict {
	flags := c.flags()
	if flags&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	p, err := c.str(sysent.Path)
	if err != nil {
		return fails(err)
	}
	if len(p) == 0 && flags&unix.AT_EMPTY_PATH != 0 {
		fd := c.dirfd(sysent.DirFD)
		if fd == unix.AT_FDCWD {
			p = []byte(".")
		} else {
			return c.setByFD(fd, ch)
		}
	}
	w, err := c.resolve(c.dirfd(sysent.DirFD), p, flags&unix.AT_SYMLINK_NOFOLLOW == 0, 0)
	if err != nil {
		return fails(err)
	}
	if w.Kernel {
		return c.setByProc(vfs.Join(w.Rec.Host, w.Name), ch)
	}
	return c.set(&w, ch)
}

// set changes a file of the view.
func (c *call) set(w *vfs.Where, ch change) ptrace.Verdict {
	a, err := attr(w)
	if err != nil {
		return fails(err)
	}
	if w.Rec.Flags&vfs.ReadOnly != 0 {
		return ptrace.Fail(unix.EROFS)
	}
	s, err := ch(&a)
	if err != nil {
		return fails(err)
	}
	if s.Valid == 0 {
		return ptrace.Return(0)
	}
	if c.copies(w, &a) {
		return c.again(causeWorks)
	}
	err = w.FS.SetAttr(w.Path(), s)
	if a.IsDir() {
		c.m.tree.StaleAt(w)
	}
	return done(err)
}

// setByFD changes the file behind a descriptor: by the view's path of it, so
// that a file of a lower layer is copied up.
func (c *call) setByFD(fd int, ch change) ptrace.Verdict {
	var buf [ptrace.PathMax]byte
	host := c.hostOfFD(fd, buf[:])
	fs, mine, plain := c.m.holder(host)
	if mine && plain && privileged(c.cred()) {
		return ptrace.Pass() // the file is the view's own
	}
	if e := c.pathOnly(fd); e != 0 && (c.entry.Family == sysent.Descr || c.entry.Op == sysent.OpUtimes) {
		return ptrace.Fail(e)
	}
	if mine {
		return c.setMine(fs, c.procFD(fd), ch)
	}
	return c.setByProc(c.procFD(fd), ch)
}

// setMine changes a file that needs no copy-up.
func (c *call) setMine(fs vfs.FileSystem, proc string, ch change) ptrace.Verdict {
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err == nil {
		if d := c.m.tree.ByID(a.Dev(), a.Ino); d != nil {
			defer c.m.tree.Stale(d)
		}
		err = fs.FixAttr(&a, proc)
	}
	if err != nil {
		return fails(err)
	}
	s, err := ch(&a)
	if err != nil {
		return fails(err)
	}
	if s.Valid == 0 {
		return ptrace.Return(0)
	}
	return done(fs.SetAttrFD(proc, s))
}

// hostOfFD is the text of the link of a descriptor in procfs, "" if there is
// none.
func (c *call) hostOfFD(fd int, buf []byte) string {
	n, err := unix.Readlink(c.procFD(fd), buf)
	if err != nil || n == 0 || buf[0] != '/' {
		return ""
	}
	return string(buf[:n])
}

// holder finds the file system that a host file belongs to as one that takes
// changes already.
func (m *Monitor) holder(host string) (fs vfs.FileSystem, mine, plain bool) {
	for i := len(m.mounts) - 1; i >= 0; i-- {
		if mine, plain := m.mounts[i].FS.Holds(host); mine {
			return m.mounts[i].FS, true, plain
		}
	}
	return nil, false, false
}

// pathOnly refuses what fchmod(2) and its like refuse: O_PATH descriptors. The
// mode of the link in procfs tells what the descriptor was opened for.
func (c *call) pathOnly(fd int) unix.Errno {
	a, err := vfs.HostLstat(c.procFD(fd))
	if err != nil || a.Perm() == 0 && c.descriptorFlags(fd)&unix.O_PATH != 0 {
		return unix.EBADF
	}
	return 0
}

// descriptorFlags are what a descriptor was opened with (proc_pid_fdinfo(5));
// O_PATH if that cannot be told.
func (c *call) descriptorFlags(fd int) int {
	b, err := os.ReadFile(c.proc("fdinfo/" + strconv.Itoa(fd)))
	if err != nil {
		return unix.O_PATH
	}
	_, rest, _ := strings.Cut(string(b), "flags:")
	line, _, _ := strings.Cut(rest, "\n")
	flags, err := strconv.ParseUint(strings.TrimSpace(line), 8, 64)
	if err != nil {
		return unix.O_PATH
	}
	return int(flags)
}

// setByProc changes the file behind a magic link.
func (c *call) setByProc(proc string, ch change) ptrace.Verdict {
	host, err := os.Readlink(proc)
	if err != nil {
		return ptrace.Fail(unix.EBADF)
	}
	if !strings.HasPrefix(host, "/") || strings.HasPrefix(host, "/memfd:") {
		return ptrace.Pass() // no file of a file system
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err != nil {
		return fails(err)
	}
	if err := c.fix(&a, proc); err != nil {
		return fails(err)
	}
	if w, ok := c.sameFile(host, &a); ok {
		return c.set(&w, ch)
	}
	s, err := ch(&a)
	if err != nil {
		return fails(err)
	}
	if s.Valid == 0 {
		return ptrace.Return(0)
	}
	return done(c.m.mounts[0].FS.SetAttrFD(proc, s))
}

// sameFile finds the name of a descriptor's file in the view.
func (c *call) sameFile(host string, a *vfs.Attr) (w vfs.Where, ok bool) {
	p, ok := c.m.tree.PathOf(strings.TrimSuffix(host, deleted))
	if !ok {
		return w, false
	}
	w, err := c.find(p)
	if err != nil {
		return w, false
	}
	b, err := w.FS.Lstat(w.Path())
	return w, err == nil && b.Ino == a.Ino && b.Dev() == a.Dev()
}

// find walks to a view path without anybody's permission and without following
// a link at its end.
func (c *call) find(path string) (vfs.Where, error) {
	t := c.m.tree
	return c.gated(t.Walk(&vfs.Walk{Root: t.Root(), Start: t.Root(), Patient: c.patient}, []byte(path)))
}

func (c *call) truncate() ptrace.Verdict {
	size := int64(c.value(sysent.Offset))
	if size < 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	w, err := c.path(true)
	if err != nil {
		return fails(err)
	}
	if w.Kernel {
		return ptrace.Pass()
	}
	return c.set(&w, func(a *vfs.Attr) (s vfs.SetAttr, err error) {
		switch {
		case a.IsDir():
			return s, unix.EISDIR
		case a.Kind() != unix.S_IFREG:
			return s, unix.EINVAL
		}
		if w.Rec.Flags&vfs.Magic == 0 { // nothing there has a size
			s = vfs.SetAttr{Valid: vfs.SetSize, Size: size}
		}
		return s, c.cred().May(a, unix.W_OK)
	})
}
