package monitor

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
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
	c.task.next, c.task.given = nil, ""
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
			fd := c.dirfd(sysent.DirFD)
			return c.execLink(c.procFD(fd), "/dev/fd/"+itoa(fd), false)
		}
		return ptrace.Pass() // ENOENT
	}
	text := string(given)
	w, err := c.resolve(c.dirfd(sysent.DirFD), given, flags&unix.AT_SYMLINK_NOFOLLOW == 0, 0)
	if err != nil {
		return fails(err)
	}
	if w.Kernel {
		return c.execLink(vfs.Join(w.Rec.Host, w.Name), text, true)
	}
	if flags&unix.AT_SYMLINK_NOFOLLOW != 0 {
		if kind, err := c.m.tree.Kind(&w); c.gate.far(err) == nil && kind == unix.S_IFLNK {
			return ptrace.Fail(unix.ELOOP)
		}
	}
	name := c.execName(text)
	p, err := c.program(&w, name, 0)
	if err == nil && p.args != nil && name != text && closing(c.procFD(c.dirfd(sysent.DirFD))) {
		err = unix.ENOENT
	}
	if err != nil {
		return fails(err)
	}
	if v, ok := c.becomes(p.file); ok {
		return v
	}
	return c.execProgram(&p, name, true)
}

// becomes works out whom a program makes of the guest; ok if that is a reason to
// answer something else first.
func (c *call) becomes(f cred.FileID) (v ptrace.Verdict, ok bool) {
	if c.m.view.Identity == nil {
		return v, false
	}
	next, secure, e := c.task.cred.Exec(f)
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

// execName is the kernel's name of what is executed by a path
// (alloc_bprm in fs/exec.c).
func (c *call) execName(path string) string {
	if fd := c.dirfd(sysent.DirFD); fd != unix.AT_FDCWD && path[0] != '/' {
		return "/dev/fd/" + itoa(fd) + "/" + path
	}
	return path
}

// commOf is the name that a task gets by executing a path.
func commOf(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	return name[:min(len(name), 15)]
}

// execProgram is the call with what it comes to. given is the path that the
// program is told it was executed by (AT_EXECFN); named: the task is named after
// it, not after the file.
func (c *call) execProgram(p *program, given string, named bool) ptrace.Verdict {
	v, comm := ptrace.Pass(), ""
	if !p.native {
		c.task.given = given
		if named && commOf(given) != commOf(p.host) && arch.CommCode != nil && !c.thread.Filtered {
			comm = commOf(given)
		}
		v = c.execRewritten(p, len(given))
	}
	if p.interp != nil || comm != "" {
		v.Exec = &ptrace.Exec{Interp: p.interp, Comm: comm}
	}
	return v
}

// execRewritten executes another path, with more arguments in front if the
// program is an interpreter.
//
// The kernel puts the path where the program finds its name, which is to be
// written over by one of a length.
func (c *call) execRewritten(p *program, length int) ptrace.Verdict {
	path, through, err := reachable(p.host)
	if err != nil {
		return fails(err)
	}
	rw := &ptrace.Rewrite{Nr: unix.SYS_EXECVE, Through: through}
	if length < ptrace.PathMax {
		path = strings.Repeat("/", max(length-len(path), 0)) + path
	}
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
