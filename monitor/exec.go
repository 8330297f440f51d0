package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// exec answers execve and execveat: untouched where the kernel finds the same
// program and interpreter as the view, else with the paths of the files that
// stand for the view's.
func (c *call) exec() ptrace.Verdict {
	c.task.next = nil
	flags := 0
	if c.has(sysent.Flags) {
		flags = c.flags()
	}
	given, err := c.str(sysent.Path)
	if err != nil {
		return fails(err)
	}
	if len(given) == 0 {
		if flags&unix.AT_EMPTY_PATH != 0 {
			return c.fexec(c.dirfd(sysent.DirFD))
		}
		return ptrace.Pass() // ENOENT
	}
	text := string(given)
	w, err := c.resolve(c.dirfd(sysent.DirFD), given, flags&unix.AT_SYMLINK_NOFOLLOW == 0, 0)
	if err != nil {
		return fails(err)
	}
	if w.Kernel {
		return ptrace.Pass()
	}
	if flags&unix.AT_SYMLINK_NOFOLLOW != 0 {
		if kind, err := c.m.tree.Kind(&w); c.gate.far(err) == nil && kind == unix.S_IFLNK {
			return ptrace.Fail(unix.ELOOP)
		}
	}
	p, err := c.program(&w, text, 0)
	if err != nil {
		return fails(err)
	}
	if v, ok := c.becomes(p.file); ok {
		return v
	}
	if p.native {
		return ptrace.Pass()
	}
	return c.execRewritten(&p)
}

// execRewritten executes another path, with more arguments in front if the
// program is an interpreter.
func (c *call) execRewritten(p *program) ptrace.Verdict {
	path, through, err := reachable(p.host)
	if err != nil {
		return fails(err)
	}
	rw := &ptrace.Rewrite{Nr: unix.SYS_EXECVE, Through: through}
	rw.Args[0] = ptrace.Arg{Set: true, Bytes: append([]byte(path), 0)}
	rw.Args[1] = ptrace.Arg{Set: true, Value: c.value(sysent.Argv)}
	rw.Args[2] = ptrace.Arg{Set: true, Value: c.value(sysent.Envp)}
	if p.args != nil {
		argv, err := c.argv(p.args)
		if err != nil {
			if through != 0 {
				unix.Close(through)
			}
			return fails(err)
		}
		rw.Args[1] = argv
	}
	return ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}
}

// fexec is an exec of a descriptor: the kernel has the file, the view says what
// its set-id bits mean.
func (c *call) fexec(fd int) ptrace.Verdict {
	if c.m.view.Identity == nil {
		return ptrace.Pass()
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, c.procFD(fd), 0)
	if err != nil || c.fix(&a, c.procFD(fd)) != nil {
		return ptrace.Pass()
	}
	v, _ := c.becomes(cred.FileID{Mode: uint32(a.Mode), UID: a.Uid, GID: a.Gid})
	return v
}

// becomes notes what an exec of a file makes of the task, for when it has been
// done. v is what has to be answered instead, if ok.
func (c *call) becomes(file cred.FileID) (v ptrace.Verdict, ok bool) {
	if c.m.view.Identity == nil {
		return v, false
	}
	next, secure, e := c.task.cred.Exec(file)
	if e != 0 {
		return ptrace.Fail(e), true
	}
	c.task.secure = secure
	if v, ok := c.asksIDs(next); ok {
		return v, true
	}
	c.task.next = next
	return v, false
}

// writers tells whether a file is open for writing somewhere: a read lease is
// refused then (fcntl(2), F_SETLEASE). Only a file of the monitor's own user can
// be asked about.
func writers(host string) bool {
	fd, err := hostpath.Open(host, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	_, err = unix.FcntlInt(uintptr(fd), unix.F_SETLEASE, unix.F_RDLCK)
	return err == unix.EAGAIN
}
