package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// bind makes the socket's file where the view has it. What counts is the kind
// of the socket and our copy of the address: by the time the kernel reads it
// again another thread may have made it a path.
func (c *call) bind() ptrace.Verdict {
	fd, err := c.borrow(c.Int(0))
	if err != nil {
		return ptrace.Fail(unix.EBADF)
	}
	defer unix.Close(fd)
	if domain, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN); err != nil || domain != unix.AF_UNIX {
		return ptrace.Pass()
	}
	a, err := c.socketAddress()
	switch {
	case err == unix.EINVAL:
		return ptrace.Pass() // which does not depend on what is in memory
	case err != nil:
		return fails(err)
	}
	if p, ok := a.path(); ok {
		return done(c.bindPath(fd, p))
	}
	return done(bindTo(fd, a))
}

func (c *call) bindPath(fd int, p []byte) error {
	w, err := c.resolve(unix.AT_FDCWD, p, false, 0)
	if err != nil {
		return err
	}
	if err := c.free(&w); err == unix.EEXIST {
		return unix.EADDRINUSE
	} else if err != nil {
		return err
	}
	mode := 0o777 &^ c.task.umask()
	place, err := w.FS.Open(w.Path(), vfs.How{Flags: unix.O_CREAT | unix.O_EXCL | unix.O_WRONLY, Mode: mode, Owner: c.owner()})
	if err != nil {
		return err
	}
	name, err := bindAt(fd, place.Host)
	if err != nil {
		return err
	}
	c.m.tree.Forget(w.Dir, w.Name)
	c.m.boundNames.add(name, boundName{given: string(p), host: place.Host})
	if err := unix.Chmod(place.Host, mode); err != nil || !place.Stamp {
		return err
	}
	s := vfs.SetAttr{Valid: vfs.SetUID | vfs.SetGID, UID: c.owner().UID, GID: c.owner().GID}
	return w.FS.SetAttr(w.Path(), s)
}
