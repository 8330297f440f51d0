package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/monitor/binfmt"
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
	interp *ptrace.Interp // to be mapped in place of the kernel's
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
	flags := c.m.tree.FlagsOf(w.Mount())
	if a.Kind() != unix.S_IFREG || flags&unix.MS_NOEXEC != 0 {
		return p, unix.EACCES
	}
	if flags&unix.MS_NOSUID != 0 {
		a.Mode &^= unix.S_ISUID | unix.S_ISGID
	}
	if err := c.cred().May(&a, unix.X_OK); err != nil {
		return p, err
	}
	host, err := hostOf(w)
	if err != nil {
		return p, err
	}
	c.task.opens(c.m, w, host) // a program that runs keeps its mount in use
	p = program{host: host, native: host == w.NatPath() && (depth == 0 || c.walk.Who == nil)}
	p.file = cred.FileID{Mode: uint32(a.Mode), UID: a.Uid, GID: a.Gid}
	h := c.m.execs.Of(host, &a, binfmt.Read)
	if c.m.view.Identity != nil && flags&unix.MS_NOSUID == 0 {
		caps := []byte(h.Caps)
		if w.Rec.Flags&vfs.AttrsDiffer != 0 {
			caps, _ = w.FS.Getxattr(w.Path(), cred.XattrCaps)
		}
		p.file.Caps, _ = cred.ParseVFSCaps(caps)
	}
	switch h.Kind {
	case binfmt.Script:
		return c.script(p, h, given, depth)
	case binfmt.ELF, binfmt.ELF32:
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
func (c *call) script(s program, h binfmt.Header, given string, depth int) (program, error) {
	w, err := c.resolve(unix.AT_FDCWD, []byte(h.Interp), true, 0)
	var p program
	if err == nil {
		p, err = c.program(&w, h.Interp, depth+1)
	}
	if err != nil && writers(s.host) {
		return s, unix.ETXTBSY // the script is opened first
	}
	binfmt.Touch(s.host)
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
		p.args = []string{h.Interp}
	}
	if h.HasArg {
		p.args = append(p.args, h.Arg)
	}
	p.args = append(p.args, given)
	p.native = false
	return p, nil
}

// interpreted checks that the kernel finds the loader that the view means. If it
// finds another, the view's is mapped in its place; if none, a copy of the
// program is executed that names the right one.
func (c *call) interpreted(p program, h binfmt.Header) (program, error) {
	if h.Interp == "" {
		return p, nil
	}
	w, err := c.resolve(unix.AT_FDCWD, []byte(h.Interp), true, 0)
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
	if p.interp = c.interpFor(h, loader); p.interp != nil {
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
