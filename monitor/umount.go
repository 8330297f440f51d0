package monitor

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// umount answers umount2(2), in the order of ksys_umount in fs/namespace.c.
func (c *call) umount() ptrace.Verdict {
	const known = unix.MNT_FORCE | unix.MNT_DETACH | unix.MNT_EXPIRE | unix.UMOUNT_NOFOLLOW
	flags := c.flags()
	if flags&^known != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	at, err := c.path(flags&unix.UMOUNT_NOFOLLOW == 0)
	if err == nil {
		err = c.exists(&at)
	}
	if err != nil {
		return fails(err)
	}
	if !c.task.cred.Capable(unix.CAP_SYS_ADMIN) {
		return ptrace.Fail(unix.EPERM)
	}
	m := c.m.tree.Uppermost(&at)
	switch {
	case flags&unix.MNT_EXPIRE != 0 && flags&(unix.MNT_FORCE|unix.MNT_DETACH) != 0:
		return ptrace.Fail(unix.EINVAL)
	case m != nil && m == c.task.root().Mount() && flags&unix.MNT_DETACH == 0, m != nil && c.m.tree.Root().Mount() == m:
		return ptrace.Fail(unix.EBUSY)
	case m == nil:
		return ptrace.Fail(unix.EINVAL)
	case !c.patient:
		return c.again(causeWorks)
	}
	return done(c.m.Unmount(m, flags&unix.MNT_DETACH != 0))
}

// Unmount takes a mount off the tree. EBUSY while a guest is in it or has a file
// of it open, unless it is to be taken off all the same.
func (m *Monitor) Unmount(x *vfs.Mount, detach bool) error {
	if !detach && m.inUse(x) {
		return unix.EBUSY
	}
	closed, err := m.tree.Detach(x, detach)
	if detach {
		return err // whoever still has files of it keeps them to the end
	}
	for _, x := range closed {
		if x.Close != nil {
			x.Close()
		}
	}
	return err
}

// inUse tells whether a guest has its working directory, its root or a
// descriptor in a mount.
func (m *Monitor) inUse(x *vfs.Mount) (used bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tasks.each(func(t *task) {
		used = used || m.within(t, x)
	})
	return used
}

func (m *Monitor) within(t *task, x *vfs.Mount) bool {
	t.fs.mu.Lock()
	root, cwd := t.fs.root, t.fs.cwd
	t.fs.mu.Unlock()
	if root.Mount() == x || cwd != nil && cwd.Mount() == x {
		return true
	}
	proc := "/proc/" + itoa(t.tid) + "/"
	in := func(link string) bool {
		host, err := os.Readlink(proc + link)
		if err != nil || !strings.HasPrefix(host, "/") {
			return false
		}
		host = strings.TrimSuffix(host, deleted)
		if _, y := m.openedBy(proc+link, host); y != nil {
			return y == x
		}
		return m.tree.First(host) == x // who got to it while another showed it too is known
	}
	if cwd == nil && in("cwd") {
		return true
	}
	list, _ := os.ReadDir(proc + "fd")
	for _, e := range list {
		if in("fd/" + e.Name()) {
			return true
		}
	}
	return false
}

// closeMounts gives back what mounts that guests made hold.
func (m *Monitor) closeMounts() {
	if m.tree == nil {
		return
	}
	for _, x := range m.tree.Ever() {
		if x.Close != nil {
			x.Close()
		}
	}
}
