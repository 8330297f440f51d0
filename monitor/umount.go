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
	used := false
	m.eachOpen(t, func(name, _ string, y *vfs.Mount) {
		used = used || y == x && (cwd == nil || name != "cwd")
	})
	return used
}

// eachOpen calls f for the working directory, the program and the descriptors of
// a task, by their names in /proc/PID, with the host path and the mount of each.
func (m *Monitor) eachOpen(t *task, f func(name, host string, y *vfs.Mount)) {
	proc := "/proc/" + itoa(t.tid) + "/"
	names := []string{"cwd", "exe"}
	list, _ := os.ReadDir(proc + "fd")
	for _, e := range list {
		names = append(names, "fd/"+e.Name())
	}
	for _, name := range names {
		host, err := os.Readlink(proc + name)
		if err != nil || !strings.HasPrefix(host, "/") {
			continue
		}
		bare := strings.TrimSuffix(host, deleted)
		_, y := m.openedBy(proc+name, bare)
		if y == nil {
			y = m.tree.First(bare) // who got to it while another showed it too is known
		}
		if y != nil {
			f(name, host, y)
		}
	}
}

// written tells whether a guest has a file of a mount open for writing, or with a
// file system of any mount of it, or one that has been removed: it cannot become
// read-only then (mnt_hold_writers and sb_prepare_remount_readonly in
// fs/namespace.c).
func (m *Monitor) written(x *vfs.Mount, fs vfs.FileSystem) (is bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tasks.each(func(t *task) {
		m.eachOpen(t, func(name, host string, y *vfs.Mount) {
			if is || !strings.HasPrefix(name, "fd/") || y != x && (fs == nil || y.FS != fs) {
				return
			}
			flags, ok := openFlagsOf(t.tid, strings.TrimPrefix(name, "fd/"))
			if !ok || flags&unix.O_PATH != 0 {
				return
			}
			is = flags&unix.O_ACCMODE != unix.O_RDONLY || fs != nil && strings.HasSuffix(host, deleted)
		})
	})
	return is
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
