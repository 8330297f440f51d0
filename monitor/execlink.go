package monitor

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/monitor/binfmt"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// execLink executes what only the kernel has, by a descriptor or another magic
// link of procfs: the view says what its set-id bits and its interpreter mean.
// given is what a script's interpreter is told; named: the task gets its
// name from it, not from the file.
func (c *call) execLink(link, given string, named bool) ptrace.Verdict {
	a, err := vfs.HostStatAt(unix.AT_FDCWD, link, 0)
	a.ACL = namelessACL{c.m, link}
	if err != nil || a.Kind() != unix.S_IFREG || c.fix(&a, link) != nil || c.cred().May(&a, unix.X_OK) != nil {
		return ptrace.Pass() // it fails
	}
	p := program{host: link, native: true, file: cred.FileID{Mode: uint32(a.Mode), UID: a.Uid, GID: a.Gid}}
	h := c.m.execs.Of(link, &a, binfmt.Read)
	p.file.Caps, _ = cred.ParseVFSCaps([]byte(h.Caps))
	switch h.Kind {
	case binfmt.Script:
		p, err = c.script(p, h, given, 0)
		if err == nil && !p.native && closing(link) {
			err = unix.ENOENT
		}
	case binfmt.ELF, binfmt.ELF32:
		p, err = c.interpreted(p, h)
	}
	if err != nil {
		return fails(err)
	}
	if v, ok := c.becomes(p.file); ok {
		return v
	}
	return c.execProgram(&p, given, named)
}

// closing tells whether a descriptor, by its link in procfs, is closed by an
// exec: no interpreter will find a script by it (load_script in
// fs/binfmt_script.c).
func closing(link string) bool {
	dir, name := splitPath(link)
	proc, fd := splitPath(dir)
	if fd != "fd" {
		return false
	}
	info, err := os.ReadFile(proc + "/fdinfo/" + name)
	_, rest, ok := bytes.Cut(info, []byte("flags:\t"))
	if err != nil || !ok {
		return false
	}
	line, _, _ := bytes.Cut(rest, []byte{'\n'})
	flags, err := strconv.ParseUint(string(line), 8, 32)
	return err == nil && flags&unix.O_CLOEXEC != 0
}
