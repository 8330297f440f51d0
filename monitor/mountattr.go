package monitor

import (
	"encoding/binary"
	"math/bits"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// attrFlags are the MOUNT_ATTR_ flags and the MS_ ones that they stand for, but
// for those of access times (include/uapi/linux/mount.h).
var attrFlags = []struct {
	attr uint64
	ms   uintptr
}{
	{unix.MOUNT_ATTR_RDONLY, unix.MS_RDONLY}, {unix.MOUNT_ATTR_NOSUID, unix.MS_NOSUID}, {unix.MOUNT_ATTR_NODEV, unix.MS_NODEV},
	{unix.MOUNT_ATTR_NOEXEC, unix.MS_NOEXEC}, {unix.MOUNT_ATTR_NODIRATIME, unix.MS_NODIRATIME}, {unix.MOUNT_ATTR_NOSYMFOLLOW, unix.MS_NOSYMFOLLOW},
}

const (
	attrTimes = unix.MOUNT_ATTR__ATIME
	attrKnown = unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC | attrTimes |
		unix.MOUNT_ATTR_NODIRATIME | unix.MOUNT_ATTR_NOSYMFOLLOW
	times = unix.MS_NOATIME | unix.MS_STRICTATIME
)

// attrs are MS_ flags for MOUNT_ATTR_ ones. EINVAL.
func attrs(a uint64) (flags uintptr, err error) {
	for _, f := range attrFlags {
		if a&f.attr != 0 {
			flags |= f.ms
		}
	}
	switch a & attrTimes {
	case unix.MOUNT_ATTR_RELATIME:
	case unix.MOUNT_ATTR_NOATIME:
		flags |= unix.MS_NOATIME
	case unix.MOUNT_ATTR_STRICTATIME:
		flags |= unix.MS_STRICTATIME
	default:
		err = unix.EINVAL
	}
	return flags, err
}

// attrChange is what a struct mount_attr asks for.
type attrChange struct{ set, clear uintptr }

const sizeofMountAttr = 32

// mountSetattr answers mount_setattr(2), in the order of that in fs/namespace.c.
func (c *call) mountSetattr() ptrace.Verdict {
	const known = unix.AT_EMPTY_PATH | unix.AT_RECURSIVE | unix.AT_SYMLINK_NOFOLLOW | unix.AT_NO_AUTOMOUNT
	flags := c.flags()
	if flags&^known != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	ch, some, err := c.attrChange()
	if err != nil || !some {
		return done(err)
	}
	at, err := c.pathArg(sysent.DirFD, sysent.Path, flags&unix.AT_EMPTY_PATH != 0, flags&unix.AT_SYMLINK_NOFOLLOW == 0)
	if err != nil {
		return fails(err)
	}
	m := c.m.tree.RootOf(&at)
	if m == nil {
		return ptrace.Fail(unix.EINVAL)
	}
	return done(c.m.setAttr(m, ch, flags&unix.AT_RECURSIVE != 0))
}

// attrChange reads the struct mount_attr of the call; some is false for one that
// changes nothing.
func (c *call) attrChange() (ch attrChange, some bool, err error) {
	switch size := c.value(sysent.Len); {
	case size > ptrace.PathMax:
		return ch, false, unix.E2BIG
	case size < sizeofMountAttr:
		return ch, false, unix.EINVAL
	case !c.task.cred.Capable(unix.CAP_SYS_ADMIN):
		return ch, false, unix.EPERM
	}
	b, err := c.versioned(c.value(sysent.BufIn), sizeofMountAttr)
	if err != nil {
		return ch, false, err
	}
	word := func(i int) uint64 { return binary.NativeEndian.Uint64(b[8*i:]) }
	set, clr, spread := word(0), word(1), word(2)
	if set == 0 && clr == 0 && spread == 0 {
		return ch, false, nil
	}
	switch {
	case spread&^propagation != 0, bits.OnesCount64(spread) > 1, (set|clr)&^attrKnown != 0:
		return ch, false, unix.EINVAL // with MOUNT_ATTR_IDMAP: as where no file system can
	case clr&attrTimes == attrTimes:
		ch.clear = times
	case (set|clr)&attrTimes != 0:
		return ch, false, unix.EINVAL
	}
	on, err := attrs(set)
	if err != nil {
		return ch, false, err
	}
	off, _ := attrs(clr &^ attrTimes)
	ch.set, ch.clear = on, ch.clear|off
	return ch, true, nil
}

// setAttr changes flags of a mount, and if deep of those in it. EBUSY where one
// that is written to is to be read-only.
func (m *Monitor) setAttr(top *vfs.Mount, ch attrChange, deep bool) error {
	list := []*vfs.Mount{top}
	if deep {
		list = m.tree.Below(top)
	}
	for _, x := range list {
		if ch.set&unix.MS_RDONLY != 0 && !m.tree.ReadOnly(x) && m.written(x, nil) {
			return unix.EBUSY
		}
	}
	for _, x := range list {
		s := m.tree.State(x)
		flags := s.Flags
		if s.ReadOnly {
			flags |= unix.MS_RDONLY
		}
		flags = flags&^ch.clear | ch.set
		m.tree.Remount(x, flags&unix.MS_RDONLY != 0, flags&^unix.MS_RDONLY)
	}
	return nil
}
