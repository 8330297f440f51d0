package monitor

import (
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// fsContext is a file system that is being made, or changed, by fsopen(2),
// fspick(2) and what follows (struct fs_context).
type fsContext struct {
	mu      sync.Mutex // guards the fields below
	phase   phase
	kind    string
	source  string
	options []string
	super   uintptr // MS_ flags of the file system
	masked  uintptr // those that have been told
	made    []*vfs.Mount
	target  vfs.FileSystem // that fspick has picked, or that was made
}

// phase is how far a context has come (enum fs_context_phase).
type phase uint8

const (
	takesParams phase = iota
	awaitsMount
	awaitsChange // the next parameter begins a change
	takesChange
	failed
)

// createExcl is FSCONFIG_CMD_CREATE_EXCL (include/uapi/linux/mount.h).
const createExcl = 8

const (
	longestType  = 4096 // bytes of the name of a file system type
	longestParam = 256  // bytes of a parameter's key and of its value, each with NUL
)

// contextFD gives the guest a descriptor of a context: of an epoll instance, which
// refuses read(2) as one without messages does, and has the same flags.
func (c *call) contextFD(x *fsContext, cloexec bool) ptrace.Verdict {
	rw := &ptrace.Rewrite{Nr: unix.SYS_EPOLL_CREATE1}
	rw.Args[0] = ptrace.Arg{Set: true}
	if cloexec {
		rw.Args[0].Value = unix.EPOLL_CLOEXEC
	}
	return c.mountFD(ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}, mountFD{context: x})
}

// fsopen answers fsopen(2), in the order of that in fs/fsopen.c.
func (c *call) fsopen() ptrace.Verdict {
	flags := c.flags()
	switch {
	case !c.task.cred.Capable(unix.CAP_SYS_ADMIN):
		return ptrace.Fail(unix.EPERM)
	case flags&^unix.FSOPEN_CLOEXEC != 0:
		return ptrace.Fail(unix.EINVAL)
	}
	kind, err := c.word(c.value(sysent.Name), longestType)
	if err != nil {
		return fails(err)
	}
	if c.m.Mounter == nil || !c.m.Mounter.Knows(kind) {
		return ptrace.Fail(unix.ENODEV)
	}
	return c.contextFD(&fsContext{kind: kind}, flags&unix.FSOPEN_CLOEXEC != 0)
}

// fspick answers fspick(2).
func (c *call) fspick() ptrace.Verdict {
	const known = unix.FSPICK_CLOEXEC | unix.FSPICK_SYMLINK_NOFOLLOW | unix.FSPICK_NO_AUTOMOUNT | unix.FSPICK_EMPTY_PATH
	flags := c.flags()
	switch {
	case !c.task.cred.Capable(unix.CAP_SYS_ADMIN):
		return ptrace.Fail(unix.EPERM)
	case flags&^known != 0:
		return ptrace.Fail(unix.EINVAL)
	}
	at, err := c.pathArg(sysent.DirFD, sysent.Path, flags&unix.FSPICK_EMPTY_PATH != 0, flags&unix.FSPICK_SYMLINK_NOFOLLOW == 0)
	if err != nil {
		return fails(err)
	}
	m := c.m.tree.RootOf(&at)
	if m == nil {
		return ptrace.Fail(unix.EINVAL)
	}
	x := &fsContext{kind: m.Type, phase: takesChange, target: m.FS}
	return c.contextFD(x, flags&unix.FSPICK_CLOEXEC != 0)
}

// word copies a string of at most so many bytes with its NUL (strndup_user in
// mm/util.c). EFAULT, EINVAL.
func (c *call) word(addr uint64, most int) (string, error) {
	var buf [ptrace.PathMax]byte
	b, err := c.thread.Mem.ReadString(addr, buf[:most])
	if err == unix.ENAMETOOLONG {
		err = unix.EINVAL
	}
	return string(b), err
}

// contextOf is the context of a descriptor. EBADF, EINVAL.
func (c *call) contextOf(fd int) (*fsContext, error) {
	x := c.m.mountFDs.find(c.task.tid, fd)
	if x != nil && x.context != nil {
		return x.context, nil
	}
	if _, err := vfs.HostLstat(c.procFD(fd)); err != nil || c.descriptorFlags(fd)&unix.O_PATH != 0 {
		return nil, unix.EBADF
	}
	return nil, unix.EINVAL
}

// superFlags are the parameters of every file system that are flags of it
// (common_set_sb_flag in fs/fs_context.c), and those that take them away.
var superFlags, superClears = map[string]uintptr{
	"dirsync": unix.MS_DIRSYNC, "lazytime": unix.MS_LAZYTIME, "mand": unix.MS_MANDLOCK, "ro": unix.MS_RDONLY, "sync": unix.MS_SYNCHRONOUS,
}, map[string]uintptr{
	"async": unix.MS_SYNCHRONOUS, "nolazytime": unix.MS_LAZYTIME, "nomand": unix.MS_MANDLOCK, "rw": unix.MS_RDONLY,
}

// param takes a parameter (vfs_parse_fs_param). EINVAL.
func (x *fsContext) param(key, value string, text bool, m Mounter) error {
	if x.phase == awaitsChange {
		x.phase = takesChange
		x.options, x.super, x.masked = nil, 0, 0
	}
	if x.phase != takesParams && x.phase != takesChange {
		return unix.EBUSY
	}
	if flag := superFlags[key]; flag != 0 {
		x.super, x.masked = x.super|flag, x.masked|flag
		return nil
	}
	if flag := superClears[key]; flag != 0 {
		x.super, x.masked = x.super&^flag, x.masked|flag
		return nil
	}
	switch {
	case key == "":
		return unix.EINVAL
	case key == "source":
		if !text || x.source != "" {
			return unix.EINVAL
		}
		x.source = value
		return nil
	case strings.Contains(value, ","):
		return unix.EINVAL
	}
	if text {
		key += "=" + value
	}
	if x.kind != "" {
		if err := m.Check(x.kind, key); err != nil {
			return err
		}
	}
	x.options = append(x.options, key)
	return nil
}

// fsconfig answers fsconfig(2), in the order of that in fs/fsopen.c.
func (c *call) fsconfig() ptrace.Verdict {
	fd, cmd, key, value, aux := c.Int(0), uint32(c.Args[1]), c.Args[2], c.Args[3], c.Int(4)
	if fd < 0 || !sensibleConfig(cmd, key, value, aux) {
		if fd >= 0 && cmd > createExcl {
			return ptrace.Fail(unix.EOPNOTSUPP)
		}
		return ptrace.Fail(unix.EINVAL)
	}
	x, err := c.contextOf(fd)
	if err != nil {
		return fails(err)
	}
	var k, v string
	if key != 0 {
		if k, err = c.word(key, longestParam); err != nil {
			return fails(err)
		}
	}
	switch cmd {
	case unix.FSCONFIG_SET_FLAG, unix.FSCONFIG_SET_STRING:
		text := cmd == unix.FSCONFIG_SET_STRING
		if text {
			if v, err = c.word(value, longestParam); err != nil {
				return fails(err)
			}
		}
		x.mu.Lock()
		defer x.mu.Unlock()
		return done(x.param(k, v, text, c.m.Mounter))
	case unix.FSCONFIG_CMD_CREATE, createExcl, unix.FSCONFIG_CMD_RECONFIGURE:
		if !c.patient {
			return c.again(causeWorks)
		}
		x.mu.Lock()
		defer x.mu.Unlock()
		if cmd == unix.FSCONFIG_CMD_RECONFIGURE {
			return done(c.reconfigure(x))
		}
		return done(c.create(x))
	}
	return ptrace.Fail(unix.EINVAL) // none of these takes a path, a descriptor or a blob
}

// sensibleConfig tells that the arguments of a command go together.
func sensibleConfig(cmd uint32, key, value uint64, aux int) bool {
	switch cmd {
	case unix.FSCONFIG_SET_FLAG:
		return key != 0 && value == 0 && aux == 0
	case unix.FSCONFIG_SET_STRING:
		return key != 0 && value != 0 && aux == 0
	case unix.FSCONFIG_SET_BINARY:
		return key != 0 && value != 0 && aux > 0 && aux <= 1<<20
	case unix.FSCONFIG_SET_PATH, unix.FSCONFIG_SET_PATH_EMPTY:
		return key != 0 && value != 0 && (aux == unix.AT_FDCWD || aux >= 0)
	case unix.FSCONFIG_SET_FD:
		return key != 0 && value == 0 && aux >= 0
	case unix.FSCONFIG_CMD_CREATE, createExcl, unix.FSCONFIG_CMD_RECONFIGURE:
		return key == 0 && value == 0 && aux == 0
	}
	return false
}

// create makes the file system.
func (c *call) create(x *fsContext) error {
	switch {
	case x.phase != takesParams:
		return unix.EBUSY
	case !c.task.cred.Capable(unix.CAP_SYS_ADMIN):
		return unix.EPERM
	}
	list, err := c.makeMounts(x.kind, x.source, strings.Join(x.options, ","))
	if err != nil {
		x.phase = failed
		return err
	}
	x.made, x.target, x.phase = list, list[0].FS, awaitsMount
	return nil
}

// reconfigure changes flags of the file system; options of its own change
// nothing.
func (c *call) reconfigure(x *fsContext) error {
	if x.phase == awaitsChange {
		x.phase = takesChange
	}
	switch {
	case x.phase != takesChange:
		return unix.EBUSY
	case !c.task.cred.Capable(unix.CAP_SYS_ADMIN):
		return unix.EPERM
	}
	if err := c.m.changeOptions(x.kind, x.target, strings.Join(x.options, ",")); err != nil {
		x.phase = failed
		return err
	}
	if x.masked&unix.MS_RDONLY != 0 {
		c.m.tree.Close(x.target, x.super&unix.MS_RDONLY != 0)
	}
	x.phase = awaitsChange
	return nil
}

// fsmount answers fsmount(2), in the order of that in fs/namespace.c.
func (c *call) fsmount() ptrace.Verdict {
	flags, attr := c.flags(), uint64(uint32(c.Args[2]))
	switch {
	case !c.task.cred.Capable(unix.CAP_SYS_ADMIN):
		return ptrace.Fail(unix.EPERM)
	case flags&^unix.FSMOUNT_CLOEXEC != 0, attr&^uint64(attrKnown) != 0:
		return ptrace.Fail(unix.EINVAL)
	}
	ms, err := attrs(attr)
	if err != nil {
		return fails(err)
	}
	x, err := c.contextOf(c.Int(0))
	if err != nil {
		return fails(err)
	}
	if !c.patient {
		return c.again(causeWorks)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.target == nil:
		return ptrace.Fail(unix.EINVAL)
	case x.phase != awaitsMount:
		return ptrace.Fail(unix.EBUSY)
	}
	top := x.made[0]
	top.ReadOnly, top.Flags = top.ReadOnly || ms&unix.MS_RDONLY != 0, ms&^unix.MS_RDONLY
	dir := c.m.tree.Loosen(top)
	c.m.attachRest(x.made, dir)
	if x.super&unix.MS_RDONLY != 0 {
		c.m.tree.Close(top.FS, true)
	}
	x.phase, x.made = awaitsChange, nil
	return c.rootFD(dir, flags&unix.FSMOUNT_CLOEXEC != 0)
}

// rootFD gives the guest a descriptor of the root of a mount that is on no place
// yet.
func (c *call) rootFD(dir *vfs.Dir, cloexec bool) ptrace.Verdict {
	flags := unix.O_PATH
	if dir.IsLink() {
		flags |= unix.O_NOFOLLOW
	}
	if cloexec {
		flags |= unix.O_CLOEXEC
	}
	host := dir.Mount().Host()
	if host == "" {
		c.m.dissolve(&mountFD{dir: dir})
		return ptrace.Fail(unix.EINVAL)
	}
	c.m.tree.Hand(vfs.ClassVirtual, 0)
	return c.mountFD(ptrace.Open(host, flags, 0), mountFD{dir: dir})
}
