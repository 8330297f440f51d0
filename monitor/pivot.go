package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// pivotRoot answers pivot_root(2), in the order of that in fs/namespace.c.
func (c *call) pivotRoot() ptrace.Verdict {
	if !c.task.cred.Capable(unix.CAP_SYS_ADMIN) {
		return ptrace.Fail(unix.EPERM)
	}
	to, err := c.dirAt(sysent.Path)
	if err != nil {
		return fails(err)
	}
	old, err := c.dirAt(sysent.NewPath)
	if err != nil {
		return fails(err)
	}
	if !c.patient {
		return c.again(causeWorks)
	}
	was := c.task.root()
	movers := c.m.movers(was)
	if err := c.m.tree.Pivot(was, &to, &old); err != nil {
		return fails(err)
	}
	for _, f := range movers {
		f.pivot(was, to.Dir)
	}
	return ptrace.Return(0)
}

// dirAt is the directory that a path argument leads to.
func (c *call) dirAt(r sysent.Role) (w vfs.Where, err error) {
	p, err := c.str(r)
	if err != nil {
		return w, err
	}
	if w, err = c.resolve(unix.AT_FDCWD, p, true, 0); err != nil {
		return w, err
	}
	if w.Kernel {
		return w, unix.EINVAL
	}
	d, err := c.m.tree.Enter(&w)
	if err != nil {
		return w, err
	}
	rec, err := c.record(d)
	return vfs.At(d, rec), err
}

// mover is whose root or working directory a change of the root changes.
type mover struct {
	fs   *fsState
	host string // the real working directory, "" if it is another than the root
}

// movers finds those tasks that have a directory as their root or are in it.
func (m *Monitor) movers(d *vfs.Dir) (list []mover) {
	rec, err := m.tree.Record(d, true)
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := map[*fsState]bool{}
	m.tasks.each(func(t *task) {
		if seen[t.fs] {
			return
		}
		seen[t.fs] = true
		x := mover{fs: t.fs}
		host, lost := m.hostLink("/proc/" + itoa(t.tid) + "/cwd")
		if lost == nil && t.fs.in(d) || err == nil && lost == nil && host == rec.Host && t.fs.unknown() {
			x.host = host
		}
		list = append(list, x)
	})
	return list
}

// in tells whether the working directory is known to be d.
func (f *fsState) in(d *vfs.Dir) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cwd == d
}

func (f *fsState) unknown() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cwd == nil
}

// pivot moves what was at one root to another (chroot_fs_refs in fs/fs_struct.c).
func (x *mover) pivot(was, to *vfs.Dir) {
	f := x.fs
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.root == was {
		f.root = to
	}
	if x.host != "" && len(f.moving) == 0 {
		f.cwd, f.host, f.displaced = to, x.host, true
	}
}
