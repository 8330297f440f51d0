package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// getcwd answers with the view's path of the working directory.
func (c *call) getcwd() ptrace.Verdict {
	d, host, err := c.cwd()
	if err != nil {
		return ptrace.Fail(unix.ENOENT)
	}
	p, alive := c.m.tree.Path(d)
	if !alive {
		return ptrace.Fail(unix.ENOENT)
	}
	root := c.task.root()
	rp, _ := c.m.tree.Path(root)
	switch {
	case !c.m.tree.Reaches(root, d):
		p = unreachable + p
	case root == c.m.tree.Root() && p == host:
		return ptrace.Pass()
	case rp != "/":
		p = below(p, rp)
	}
	size := c.value(sysent.Len)
	if hostpath.Long(p) {
		return ptrace.Fail(unix.ENAMETOOLONG)
	}
	if size < uint64(len(p)+1) {
		return ptrace.Fail(unix.ERANGE)
	}
	if err := c.thread.Mem.Write(c.value(sysent.BufOut), append([]byte(p), 0)); err != nil {
		return fails(err)
	}
	return ptrace.Return(int64(len(p) + 1))
}

// shownBelow is a path as proc(5) tells it to somebody with a root: what lies
// outside is told from where the kernel's own root is.
func shownBelow(p, root string) string {
	if q := below(p, root); root != "/" && q[0] == '/' {
		return q
	}
	return p
}

// below is a path as seen from a root; outside of it the kernel puts a mark in
// front (getcwd(2)).
func below(p, root string) string {
	switch {
	case p == root:
		return "/"
	case len(p) > len(root) && p[:len(root)] == root && p[len(root)] == '/':
		return p[len(root):]
	}
	return unreachable + p
}

// unreachable is before a path that does not lead below one's root (getcwd(2)).
const unreachable = "(unreachable)"

// chdir moves the guest to the host directory that stands for the view's, so
// that its relative paths keep working natively. It is caught by trace, which
// can rewrite the path.
func (c *call) chdir() ptrace.Verdict {
	w, err := c.path(true)
	if err != nil {
		return fails(err)
	}
	if w.Kernel {
		c.task.moves(nil, "")
		return ptrace.Pass()
	}
	rec, err := w.FS.Dir(w.Path())
	if err != nil {
		return fails(err)
	}
	if err := c.maySearch(&w); err != nil {
		return fails(err)
	}
	to, err := c.m.tree.Enter(&w)
	if err != nil {
		return fails(err)
	}
	c.task.moves(to, rec.Host)
	if rec.Host == w.NatPath() {
		return ptrace.Pass()
	}
	path, through, err := reachable(rec.Host)
	if err != nil {
		return fails(err)
	}
	rw := &ptrace.Rewrite{Nr: -1, Through: through}
	rw.Args[c.entry.Arg(sysent.Path)] = ptrace.Arg{Set: true, Bytes: append([]byte(path), 0)}
	return ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}
}

// maySearch checks the permission to go into a directory.
func (c *call) maySearch(w *vfs.Where) error {
	who := c.cred()
	if searcher(who) {
		return nil
	}
	a, err := attr(w)
	if err != nil {
		return err
	}
	return who.May(&a, unix.X_OK)
}

// maySearchFD is maySearch for a descriptor. What is no directory, the kernel
// finds out.
func (c *call) maySearchFD(fd int) error {
	who := c.cred()
	if c.m.view.Identity == nil || searcher(who) {
		return nil
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, c.procFD(fd), 0)
	if err != nil || !a.IsDir() || c.fix(&a, c.procFD(fd)) != nil {
		return nil
	}
	a.ACL = namelessACL{c.m, c.procFD(fd)}
	return who.May(&a, unix.X_OK)
}

func (c *call) fchdir() ptrace.Verdict {
	if err := c.maySearchFD(c.Int(0)); err != nil {
		return fails(err)
	}
	var to *vfs.Dir
	var host string
	if e, ok := c.task.files.find(c.task.tid, c.Int(0)); ok && e.dir != nil {
		to, host = e.dir, e.host
	} else if c.m.tree.Several() {
		if here, _, err := c.cwd(); err == nil && c.shares(here) {
			if to, host, err = c.dirOf(c.Int(0)); err != nil {
				return ptrace.Pass() // which fails
			}
		}
	}
	c.task.moves(to, host)
	return ptrace.Pass()
}

// shares tells that another mount shows a directory as well.
func (c *call) shares(d *vfs.Dir) bool {
	rec, err := c.record(d)
	return err == nil && rec.Flags&vfs.Shared != 0
}

// chroot changes what "/" means to the task; the kernel's root stays.
func (c *call) chroot() ptrace.Verdict {
	w, err := c.path(true)
	if err != nil {
		return fails(err)
	}
	if !c.task.cred.Capable(unix.CAP_SYS_CHROOT) {
		return ptrace.Fail(unix.EPERM)
	}
	d, err := c.m.tree.Enter(&w)
	if err != nil {
		return fails(err)
	}
	c.task.fs.mu.Lock()
	c.task.fs.root = d
	c.task.fs.mu.Unlock()
	return ptrace.Return(0)
}
