package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// newName walks to a name that is to be made and checks that it may be.
func (c *call) newName() (vfs.Where, error) {
	w, err := c.path(false)
	if err != nil {
		return w, err
	}
	return w, c.free(&w)
}

// free checks that a name does not exist yet and may be made.
func (c *call) free(w *vfs.Where) error {
	if w.Name == "" || w.MountPoint {
		return unix.EEXIST
	}
	switch _, err := w.FS.Lstat(w.Path()); vfs.Errno(err) {
	case 0:
		return unix.EEXIST
	case unix.ENOENT:
	default:
		return err
	}
	if w.Slash && c.entry.Op != sysent.OpMkdir {
		return unix.ENOENT // only a directory's name may end so
	}
	return c.mayCreate(w)
}

// made forgets what was remembered of a name that a call has made or removed.
func (c *call) made(w *vfs.Where, err error) ptrace.Verdict {
	if err == nil {
		c.m.tree.Forget(w.Dir, w.Name)
	}
	return done(err)
}

func (c *call) mkdir() ptrace.Verdict {
	w, err := c.newName()
	if err != nil {
		return fails(err)
	}
	mode := uint32(c.value(sysent.Mode)) & 0o1777 &^ c.task.umask()
	return c.made(&w, w.FS.Mkdir(w.Path(), mode, c.owner()))
}

func (c *call) mknod() ptrace.Verdict {
	mode := uint32(c.value(sysent.Mode)) & (unix.S_IFMT | 0o7777)
	switch mode & unix.S_IFMT {
	case 0:
		mode |= unix.S_IFREG
	case unix.S_IFREG, unix.S_IFIFO, unix.S_IFSOCK, unix.S_IFCHR, unix.S_IFBLK:
	case unix.S_IFDIR:
		return ptrace.Fail(unix.EPERM)
	default:
		return ptrace.Fail(unix.EINVAL)
	}
	w, err := c.newName()
	if err != nil {
		return fails(err)
	}
	dev := uint64(c.Uint32(max(c.entry.Arg(sysent.Dev), 0)))
	switch mode & unix.S_IFMT {
	case unix.S_IFCHR, unix.S_IFBLK:
		if !c.cred().Capable(unix.CAP_MKNOD) {
			return ptrace.Fail(unix.EPERM)
		}
	}
	if mode, err = c.modeAt(&w, mode&^c.task.umask()); err != nil {
		return fails(err)
	}
	return c.made(&w, w.FS.Mknod(w.Path(), mode, dev, c.owner()))
}

// sgidExec is a file that sets the group id on exec.
const sgidExec = unix.S_ISGID | unix.S_IXGRP

// modeAt is the mode of a new file at a name, given its umask.
func (c *call) modeAt(w *vfs.Where, mode uint32) (uint32, error) {
	if mode&sgidExec != sgidExec {
		return mode, nil
	}
	dir, err := parent(w)
	return c.modeIn(&dir, mode), err
}

// modeIn is the mode of a new file in a directory: without the set-gid bit where
// the group is the directory's and not the maker's.
func (c *call) modeIn(dir *vfs.Attr, mode uint32) uint32 {
	if mode&sgidExec != sgidExec {
		return mode
	}
	_, mode = c.task.cred.NewFile(dir, mode)
	return mode
}

func (c *call) symlink() ptrace.Verdict {
	target, err := c.str(sysent.Target)
	if err != nil {
		return fails(err)
	}
	if len(target) == 0 {
		return ptrace.Fail(unix.ENOENT)
	}
	text := string(target)
	w, err := c.newName()
	if err != nil {
		return fails(err)
	}
	return c.made(&w, w.FS.Symlink(text, w.Path(), c.owner()))
}
