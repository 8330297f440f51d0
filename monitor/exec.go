package monitor

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// maxScripts is how many interpreters may interpret one another
// (BINPRM_BUF and exec_binprm in fs/exec.c).
const maxScripts = 5

// program is what an exec comes to.
type program struct {
	host   string   // the ELF file to execute
	args   []string // what takes the place of argv[0], outermost interpreter first; nil: argv is as it is
	native bool     // the kernel comes to the same by the guest's own path
	file   cred.FileID
}

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
	if c.m.view.Identity != nil {
		next, secure, e := c.task.cred.Exec(p.file)
		if e != 0 {
			return ptrace.Fail(e)
		}
		c.task.secure = secure
		if v, ok := c.asksIDs(next); ok {
			return v
		}
		c.task.next = next
	}
	if p.native {
		return ptrace.Pass()
	}
	return c.execRewritten(&p)
}

// program finds out what executing a file means. Errors as execve(2).
func (c *call) program(w *vfs.Where, given string, depth int) (p program, err error) {
	if depth > maxScripts {
		return p, unix.ELOOP
	}
	a, err := attr(w)
	if err != nil {
		return p, err
	}
	if a.Kind() != unix.S_IFREG {
		return p, unix.EACCES
	}
	if err := c.cred().May(&a, unix.X_OK); err != nil {
		return p, err
	}
	host, err := hostOf(w)
	if err != nil {
		return p, err
	}
	p = program{host: host, native: host == w.NatPath() && (depth == 0 || c.walk.Who == nil)}
	p.file = cred.FileID{Mode: uint32(a.Mode), UID: a.Uid, GID: a.Gid}
	h := c.m.execs.read(host, &a)
	if c.m.view.Identity != nil {
		caps := []byte(h.caps)
		if w.Rec.Flags&vfs.AttrsDiffer != 0 {
			caps, _ = w.FS.Getxattr(w.Path(), cred.XattrCaps)
		}
		p.file.Caps, _ = cred.ParseVFSCaps(caps)
	}
	switch h.kind {
	case headerScript:
		return c.script(p, h, given, depth)
	case headerELF32:
		c.m.say("exec %s: 32-bit programs are not supported in a view yet; use a 64-bit build of it", given)
		return p, unix.ENOEXEC
	case headerELF:
		return c.interpreted(p, h)
	}
	return p, nil // the kernel will say what it thinks of it
}

// hostOf is the host file to read in place of one of the view.
func hostOf(w *vfs.Where) (string, error) {
	if native(w) && !w.Kernel {
		return w.NatPath(), nil
	}
	place, err := w.FS.Open(w.Path(), vfs.How{Flags: unix.O_RDONLY})
	return place.Host, err
}

// script goes on with the interpreter of a script.
func (c *call) script(s program, h header, given string, depth int) (program, error) {
	w, err := c.resolve(unix.AT_FDCWD, []byte(h.interp), true, 0)
	if err != nil {
		return s, err
	}
	p, err := c.program(&w, h.interp, depth+1)
	if err != nil {
		return s, err
	}
	if p.native && s.native {
		p.host = s.host
		return p, nil
	}
	if writers(s.host) {
		return s, unix.ETXTBSY
	}
	if p.args == nil {
		p.args = []string{h.interp}
	}
	if h.hasArg {
		p.args = append(p.args, h.arg)
	}
	p.args = append(p.args, given)
	p.native = false
	return p, nil
}

// interpreted checks that the kernel finds the loader that the view means; if
// not, a copy of the program is executed that names the right one.
func (c *call) interpreted(p program, h header) (program, error) {
	if h.interp == "" {
		return p, nil
	}
	w, err := c.resolve(unix.AT_FDCWD, []byte(h.interp), true, 0)
	if err != nil {
		return p, err
	}
	loader, err := hostOf(&w)
	if err != nil {
		return p, err
	}
	if loader == w.NatPath() {
		return p, nil
	}
	host, err := c.m.loaders.copyFor(p.host, loader, c.patient)
	if err != nil {
		c.gate.why = causeWorks
		return p, c.gate.far(err)
	}
	p.host, p.native = host, false
	return p, nil
}

// execRewritten executes another path, with more arguments in front if the
// program is an interpreter.
func (c *call) execRewritten(p *program) ptrace.Verdict {
	rw := &ptrace.Rewrite{Nr: unix.SYS_EXECVE}
	rw.Args[0] = ptrace.Arg{Set: true, Bytes: append([]byte(p.host), 0)}
	rw.Args[1] = ptrace.Arg{Set: true, Value: c.value(sysent.Argv)}
	rw.Args[2] = ptrace.Arg{Set: true, Value: c.value(sysent.Envp)}
	if p.args != nil {
		argv, err := c.argv(p.args)
		if err != nil {
			return fails(err)
		}
		rw.Args[1] = argv
	}
	return ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}
}

// maxArgs bounds an argument list; the kernel's own limit (E2BIG) comes after.
const maxArgs = 1 << 20

// argv makes an argument array: the strings of front, then the guest's own
// pointers behind its argv[0].
func (c *call) argv(front []string) (ptrace.Arg, error) {
	rest, err := c.pointers(c.value(sysent.Argv))
	if err != nil {
		return ptrace.Arg{}, err
	}
	if len(rest) > 0 {
		rest = rest[1:]
	}
	words := len(front) + len(rest) + 1
	a := ptrace.Arg{Set: true, Bytes: make([]byte, words*sizeofPtr)}
	for i, s := range front {
		binary.NativeEndian.PutUint64(a.Bytes[i*sizeofPtr:], uint64(len(a.Bytes)))
		a.Pointers = append(a.Pointers, i)
		a.Bytes = append(append(a.Bytes, s...), 0)
	}
	for i, v := range rest {
		binary.NativeEndian.PutUint64(a.Bytes[(len(front)+i)*sizeofPtr:], v)
	}
	return a, nil
}

// pointers reads a NULL-terminated array.
func (c *call) pointers(addr uint64) ([]uint64, error) {
	var out []uint64
	if addr == 0 {
		return nil, nil
	}
	var b [64 * 8]byte
	for len(out) < maxArgs {
		n := c.thread.Mem.ReadSome(addr, b[:]) / sizeofPtr
		if n == 0 {
			return nil, unix.EFAULT
		}
		for i := range n {
			v := binary.NativeEndian.Uint64(b[i*sizeofPtr:])
			if v == 0 {
				return out, nil
			}
			out = append(out, v)
		}
		addr += uint64(n * sizeofPtr)
	}
	return nil, unix.E2BIG
}

// writers tells whether a file is open for writing somewhere: a read lease is
// refused then (fcntl(2), F_SETLEASE). Only a file of the monitor's own user can
// be asked about.
func writers(host string) bool {
	fd, err := unix.Open(host, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	_, err = unix.FcntlInt(uintptr(fd), unix.F_SETLEASE, unix.F_RDLCK)
	return err == unix.EAGAIN
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
	next, secure, e := c.task.cred.Exec(cred.FileID{Mode: uint32(a.Mode), UID: a.Uid, GID: a.Gid})
	if e != 0 {
		return ptrace.Fail(e)
	}
	c.task.secure = secure
	if v, ok := c.asksIDs(next); ok {
		return v
	}
	c.task.next = next
	return ptrace.Pass()
}
