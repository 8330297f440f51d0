package monitor

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

func (c *call) link() ptrace.Verdict {
	flags := c.flags()
	if flags&^(unix.AT_SYMLINK_FOLLOW|unix.AT_EMPTY_PATH) != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	from, err := c.linkSource(flags)
	if err != nil {
		return fails(err)
	}
	a, err := c.attrAt(&from)
	if err != nil {
		return fails(err)
	}
	to, err := c.newPath()
	if err != nil {
		return fails(err)
	}
	err = c.free(&to)
	if (err == nil || err == unix.EACCES) && !from.Kernel && !from.SameMount(&to) {
		err = unix.EXDEV
	}
	if err == unix.EACCES && !from.Kernel {
		// Whether the file may be linked is asked before (do_linkat).
		err = c.mayLink(&a, &to)
	}
	if err != nil {
		return fails(err)
	}
	if from.Kernel {
		if a.IsDir() {
			return ptrace.Fail(unix.EPERM)
		}
		return c.linkDescriptor(&from, &to)
	}
	if err := c.mayLink(&a, &to); err != nil {
		return fails(err)
	}
	if a.IsDir() {
		return ptrace.Fail(unix.EPERM)
	}
	if c.copies(&from, &a) {
		return c.again(causeWorks)
	}
	c.m.tree.Forget(from.Dir, from.Name)
	return c.made(&to, from.FS.Link(from.Path(), to.Path()))
}

// mayLink checks the permission to give a file another name.
func (c *call) mayLink(a *vfs.Attr, to *vfs.Where) error {
	if c.cred().Capable(unix.CAP_FOWNER) {
		return nil
	}
	dir, err := parent(to)
	if err != nil {
		return err
	}
	return c.cred().MayLink(a, &dir, hardlinksProtected())
}

// linkSource is what is to get another name.
func (c *call) linkSource(flags int) (vfs.Where, error) {
	p, err := c.str(sysent.Path)
	if err != nil {
		return vfs.Where{}, err
	}
	if len(p) == 0 && flags&unix.AT_EMPTY_PATH != 0 {
		fd := c.dirfd(sysent.DirFD)
		if fd == unix.AT_FDCWD {
			return c.resolve(fd, []byte("."), false, 0)
		}
		if _, err := vfs.HostLstat(c.procFD(fd)); err != nil {
			return vfs.Where{}, unix.EBADF
		}
		return c.resolve(unix.AT_FDCWD, []byte(c.procFD(fd)), true, 0)
	}
	return c.resolve(c.dirfd(sysent.DirFD), p, flags&unix.AT_SYMLINK_FOLLOW != 0, 0)
}

// linkDescriptor gives a name to a file without one (O_TMPFILE).
func (c *call) linkDescriptor(from, to *vfs.Where) ptrace.Verdict {
	if c.m.layered && c.lowerOnly(vfs.Join(from.Rec.Host, from.Name)) {
		return ptrace.Fail(unix.ENOENT) // it has lost its names, but for the one below
	}
	place, err := to.FS.Open(to.Path(), vfs.How{Flags: unix.O_CREAT | unix.O_EXCL | unix.O_WRONLY, Mode: 0o600, Owner: c.owner()})
	if err != nil {
		return fails(err)
	}
	err = hostpath.Linkat(vfs.Join(from.Rec.Host, from.Name), place.Host, unix.AT_SYMLINK_FOLLOW)
	return c.made(to, err)
}

// lowerOnly tells that the file behind a magic link is a host's that the view has
// no copy of.
func (c *call) lowerOnly(proc string) bool {
	host, err := c.m.hostLink(proc)
	if err != nil {
		return true
	}
	if _, mine, _ := c.m.holder(host); mine || !strings.HasPrefix(host, "/") {
		return false
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	return err != nil || a.Nlink != 0
}
