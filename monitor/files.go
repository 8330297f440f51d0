package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

func (c *call) statfs() ptrace.Verdict {
	if c.has(sysent.Statfs64) && c.value(sysent.Len) != arch.Statfs64Size {
		return ptrace.Fail(unix.EINVAL)
	}
	w, err := c.path(true)
	if err != nil {
		return fails(err)
	}
	if w.Kernel || native(&w) && !c.marked(w.Mount()) {
		return ptrace.Pass()
	}
	if _, err := attr(&w); err != nil {
		return fails(err)
	}
	return c.tellStatfs(&w)
}

// fstatfs answers fstatfs(2): of files of those mounts that tell more than the
// host's.
func (c *call) fstatfs() ptrace.Verdict {
	if len(c.m.tree.Mounts()) == 1 {
		return ptrace.Pass()
	}
	w, err := c.whereFD(c.Int(0))
	if err != nil || w.Kernel || !c.marked(w.Mount()) {
		return ptrace.Pass()
	}
	return c.tellStatfs(&w)
}

// marked tells that a mount has flags, or its file system numbers, that the
// host's has not.
func (c *call) marked(m *vfs.Mount) bool {
	s := c.m.tree.State(m)
	return m.Own || s.ReadOnly || s.Closed || s.Flags != 0
}

func (c *call) tellStatfs(w *vfs.Where) ptrace.Verdict {
	st, err := w.FS.Statfs(w.Path())
	if err != nil {
		return fails(err)
	}
	m := w.Mount()
	s := c.m.tree.State(m)
	if m.Own || s.Flags != 0 {
		st.Flags = statfsFlags(s.Flags)
	}
	if s.ReadOnly || s.Closed || w.Rec.Flags&vfs.ReadOnly != 0 {
		st.Flags |= unix.ST_RDONLY
	}
	at, b, err := c.statfsBytes(&st)
	if err != nil {
		return fails(err)
	}
	return done(c.thread.Mem.Write(at, b))
}

// statfsBytes is the structure of the spelling, and where it goes. EOVERFLOW.
func (c *call) statfsBytes(s *unix.Statfs_t) (at uint64, b []byte, err error) {
	if at, ok := c.arg(sysent.Statfs64); ok {
		b, err = arch.Statfs64(s)
		return at, b, err
	}
	at = c.value(sysent.Statfs)
	if c.abi() == arch.ABI32 {
		b, err = arch.Statfs32(s)
		return at, b, err
	}
	return at, arch.StatfsBytes(s), nil
}

// Of statfs(2), which has other flags than mount(2) for these two
// (include/linux/statfs.h).
const (
	statfsValid       = 0x20
	statfsNoSymfollow = 0x2000
)

// statfsFlags are the flags of statfs(2) for MS_ ones (calculate_f_flags in
// fs/statfs.c).
func statfsFlags(ms uintptr) int64 {
	flags := int64(ms&(unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC|unix.MS_NOATIME|unix.MS_NODIRATIME)) | statfsValid
	if ms&times == 0 {
		flags |= unix.ST_RELATIME
	}
	if ms&unix.MS_NOSYMFOLLOW != 0 {
		flags |= statfsNoSymfollow
	}
	return flags
}

// inotifyAdd watches the host file that stands for the view's, on a duplicate
// of the guest's descriptor.
func (c *call) inotifyAdd() ptrace.Verdict {
	mask := uint32(c.value(sysent.Mask))
	if mask == 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	var buf [64]byte
	if n, err := unix.Readlink(c.procFD(c.Int(0)), buf[:]); err != nil || string(buf[:n]) != "anon_inode:inotify" {
		return ptrace.Pass() // EBADF or EINVAL
	}
	w, err := c.path(mask&unix.IN_DONT_FOLLOW == 0)
	if err != nil {
		return fails(err)
	}
	if err := c.mayWatch(&w); err != nil {
		return fails(err)
	}
	if native(&w) {
		return ptrace.Pass()
	}
	if w.Slash {
		if _, err := attr(&w); err != nil {
			return fails(err)
		}
	}
	place, err := w.FS.Open(w.Path(), vfs.How{Flags: unix.O_PATH | unix.O_NOFOLLOW})
	if err != nil {
		return fails(err)
	}
	if place.Host == w.NatPath() {
		return ptrace.Pass()
	}
	fd, err := c.borrow(c.Int(0))
	if err != nil {
		return ptrace.Fail(unix.EBADF)
	}
	defer unix.Close(fd)
	wd, err := hostpath.InotifyAddWatch(fd, place.Host, mask|unix.IN_DONT_FOLLOW)
	if err != nil {
		return fails(err)
	}
	return ptrace.Return(int64(wd))
}

// mayWatch checks the permission to read a file (inotify_find_inode in
// fs/notify/inotify/inotify_user.c), which the kernel gives the real root.
func (c *call) mayWatch(w *vfs.Where) error {
	who := c.cred()
	if c.m.view.Identity == nil || privileged(who) {
		return nil
	}
	a, err := c.attrAt(w)
	if err != nil {
		return err
	}
	return who.May(&a, unix.R_OK)
}

// nativeOnly lets calls through that the view cannot do for the guest, where
// the kernel would come to the very file; elsewhere the file system is said
// not to support them.
func (c *call) nativeOnly() ptrace.Verdict {
	if c.value(sysent.Path) == 0 {
		return ptrace.Pass()
	}
	p, err := c.str(sysent.Path)
	if err != nil {
		return fails(err)
	}
	if len(p) == 0 {
		return ptrace.Pass()
	}
	w, err := c.resolve(c.dirfd(sysent.DirFD), p, true, 0)
	if err != nil {
		return fails(err)
	}
	if native(&w) {
		return ptrace.Pass()
	}
	return ptrace.Fail(unix.EOPNOTSUPP)
}

// fileIoctls are the requests that change a file, or its file system, through a
// descriptor that need not be open for writing (ioctl_fs(2), include/uapi/linux/fs.h,
// fsverity.h, fscrypt.h).
var fileIoctls = []uint64{
	0x40086602, // FS_IOC_SETFLAGS
	0x40046602, // FS_IOC32_SETFLAGS
	0x401c5820, // FS_IOC_FSSETXATTR
	0x40087602, // FS_IOC_SETVERSION
	0x40047602, // FS_IOC32_SETVERSION
	0x40086604, // EXT4_IOC_SETVERSION
	0x40046604, // EXT4_IOC32_SETVERSION
	0x40806685, // FS_IOC_ENABLE_VERITY
	0x800c6613, // FS_IOC_SET_ENCRYPTION_POLICY
	0xc0045877, // FIFREEZE
	0xc0045878, // FITHAW
	0xc0185879, // FITRIM
	0xc028660f, // EXT4_IOC_MOVE_EXT
	0x40086610, // EXT4_IOC_RESIZE_FS
	0x6611,     // EXT4_IOC_SWAP_BOOT
}

// fileIoctl lets requests through that concern a file of the view's own.
func (c *call) fileIoctl() ptrace.Verdict {
	var buf [ptrace.PathMax]byte
	host := c.hostOfFD(c.Int(0), buf[:])
	if c.m.tree.ReadOnly(c.mountOf(c.Int(0), host)) {
		return ptrace.Fail(unix.EROFS)
	}
	if _, mine, _ := c.m.holder(host); mine {
		return ptrace.Pass()
	}
	return ptrace.Fail(unix.EOPNOTSUPP)
}

// fileAttr answers file_getattr and file_setattr: the latter only for files of
// the view's own.
func (c *call) fileAttr() ptrace.Verdict {
	if c.has(sysent.BufOut) || !c.m.layered {
		return c.nativeOnly() // asks only
	}
	return ptrace.Fail(unix.EOPNOTSUPP)
}

// setClock refuses to set the real clock; adjtimex without modes only asks.
func (c *call) setClock() ptrace.Verdict {
	i := c.entry.Arg(sysent.Addr)
	if i < 0 {
		return ptrace.Fail(unix.EPERM)
	}
	var modes [4]byte
	if err := c.thread.Mem.Read(c.Args[i], modes[:]); err != nil {
		return fails(err)
	}
	if le32(modes[:]) == 0 {
		return ptrace.Pass()
	}
	return ptrace.Fail(unix.EPERM)
}
