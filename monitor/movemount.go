package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// moveMount answers move_mount(2), in the order of that in fs/namespace.c.
func (c *call) moveMount() ptrace.Verdict {
	flags := c.flags()
	switch {
	case !c.task.cred.Capable(unix.CAP_SYS_ADMIN):
		return ptrace.Fail(unix.EPERM)
	case flags&^moveFlags != 0, flags&exclusive == exclusive:
		return ptrace.Fail(unix.EINVAL)
	}
	if !c.patient {
		return c.again(causeWorks)
	}
	to, err := c.pathArg(sysent.NewDirFD, sysent.NewPath, flags&unix.MOVE_MOUNT_T_EMPTY_PATH != 0, flags&unix.MOVE_MOUNT_T_SYMLINKS != 0)
	if err != nil {
		return fails(err)
	}
	from, err := c.pathArg(sysent.DirFD, sysent.Path, flags&unix.MOVE_MOUNT_F_EMPTY_PATH != 0, flags&unix.MOVE_MOUNT_F_SYMLINKS != 0)
	if err != nil {
		return fails(err)
	}
	m := c.m.tree.RootOf(&from)
	switch {
	case m == nil || flags&unix.MOVE_MOUNT_SET_GROUP != 0:
		return ptrace.Fail(unix.EINVAL)
	case flags&moveBeneath != 0:
		return done(c.m.tree.MoveBeneath(m, &to))
	}
	return done(c.m.tree.Move(m, &to))
}

const (
	moveFlags = unix.MOVE_MOUNT_F_SYMLINKS | unix.MOVE_MOUNT_F_AUTOMOUNTS | unix.MOVE_MOUNT_F_EMPTY_PATH |
		unix.MOVE_MOUNT_T_SYMLINKS | unix.MOVE_MOUNT_T_AUTOMOUNTS | unix.MOVE_MOUNT_T_EMPTY_PATH | exclusive
	// exclusive are those that do not go together. A view is alone with its
	// mounts, so that none is in a group.
	exclusive = unix.MOVE_MOUNT_SET_GROUP | moveBeneath

	moveBeneath = 0x200 // MOVE_MOUNT_BENEATH, include/uapi/linux/mount.h
)

// pathArg is where a path argument leads, which must exist; with empty, an empty
// or missing one means the descriptor itself.
func (c *call) pathArg(dirfd, path sysent.Role, empty, follow bool) (w vfs.Where, err error) {
	var p []byte
	if addr := c.value(path); addr != 0 || !empty {
		if p, err = c.str(path); err != nil {
			return w, err
		}
	}
	if len(p) == 0 && empty {
		return c.whereFD(c.dirfd(dirfd))
	}
	if w, err = c.resolve(c.dirfd(dirfd), p, follow, 0); err == nil {
		err = c.exists(&w)
	}
	return w, err
}

// whereFD is where the file of a descriptor is. EBADF.
func (c *call) whereFD(fd int) (w vfs.Where, err error) {
	if fd != unix.AT_FDCWD {
		if d := c.m.looseDir(c.task.tid, fd); d != nil {
			return c.at(d)
		}
	}
	d, _, err := c.start(fd)
	if err == nil {
		return c.at(d)
	}
	if err != unix.ENOTDIR {
		return w, err
	}
	host, err := c.m.hostLink(c.procFD(fd))
	if err != nil {
		return w, unix.EBADF
	}
	start, p, ok := c.m.tree.Lead(host, c.shownBy(fd, host))
	if !ok {
		return w, unix.EINVAL
	}
	return c.findFrom(start, p)
}

// at is the end of a walk at a directory.
func (c *call) at(d *vfs.Dir) (w vfs.Where, err error) {
	rec, err := c.record(d)
	return vfs.At(d, rec), err
}
