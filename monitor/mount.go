package monitor

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// NewMount makes a file system of a type for mount(2): the mount itself, then
// those that come with it, placed below its Point. A type that it does not have
// is ENODEV.
type NewMount func(kind, source, options string) ([]*vfs.Mount, error)

// mount answers mount(2), in the order of path_mount in fs/namespace.c. The newer
// calls that mount are answered as a kernel does that is without them.
func (c *call) mount() ptrace.Verdict {
	if !c.has(sysent.Source) {
		return ptrace.Fail(unix.ENOSYS)
	}
	a, err := c.mountArgs()
	if err != nil {
		return fails(err)
	}
	at, err := c.path(true)
	if err == nil {
		err = c.exists(&at)
	}
	switch {
	case err != nil:
		return fails(err)
	case !c.task.cred.Capable(unix.CAP_SYS_ADMIN):
		return ptrace.Fail(unix.EPERM)
	case a.flags&unix.MS_REMOUNT != 0:
		return done(c.remount(&at, a))
	case a.flags&unix.MS_BIND != 0:
		return done(c.bindMount(&at, a))
	case a.flags&propagation != 0:
		return done(c.propagate(&at, a.flags))
	case a.flags&unix.MS_MOVE != 0:
		return done(c.moveMount(&at, a))
	}
	if !c.patient {
		return c.again(causeWorks)
	}
	return done(c.newMount(&at, a))
}

// propagation are the flags that say who hears of mounts. A view is alone with
// its own, so that they change nothing.
const propagation = unix.MS_SHARED | unix.MS_PRIVATE | unix.MS_SLAVE | unix.MS_UNBINDABLE

// perMount are the flags of one mount rather than of its file system.
const perMount = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOATIME | unix.MS_NODIRATIME |
	unix.MS_STRICTATIME | unix.MS_NOSYMFOLLOW

// mountArgs are the strings and flags of mount(2).
type mountArgs struct {
	source, kind, options string
	flags                 uintptr
}

func (c *call) mountArgs() (a mountArgs, err error) {
	a.flags = uintptr(c.value(sysent.Flags))
	if a.flags&unix.MS_MGC_MSK == unix.MS_MGC_VAL {
		a.flags &^= unix.MS_MGC_MSK
	}
	for role, to := range map[sysent.Role]*string{sysent.Source: &a.source, sysent.Name: &a.kind, sysent.BufIn: &a.options} {
		if c.value(role) == 0 {
			continue
		}
		b, err := c.str(role)
		if err != nil {
			return a, err
		}
		*to = string(b)
	}
	return a, nil
}

// exists asks whether there is something at the end of a walk.
func (c *call) exists(w *vfs.Where) error {
	if w.Kernel {
		return unix.EINVAL
	}
	_, err := attr(w)
	return err
}

// remount changes a mount's flags; the options of file systems are their own.
func (c *call) remount(at *vfs.Where, a mountArgs) error {
	m := c.m.tree.Top(at)
	if m == nil && !c.m.tree.IsRoot(at) {
		return unix.EINVAL
	}
	if m == nil {
		m = at.Mount()
	}
	c.m.tree.Remount(m, a.flags&unix.MS_RDONLY != 0, a.flags&perMount)
	return nil
}

func (c *call) propagate(at *vfs.Where, flags uintptr) error {
	kind := flags & propagation
	switch {
	case flags&^(propagation|unix.MS_REC|unix.MS_SILENT) != 0 || kind&(kind-1) != 0,
		c.m.tree.Top(at) == nil && !c.m.tree.IsRoot(at):
		return unix.EINVAL
	}
	return nil
}

// source is where the source of a bind or a move is.
func (c *call) source(a mountArgs) (vfs.Where, error) {
	if a.source == "" {
		return vfs.Where{}, unix.EINVAL
	}
	w, err := c.resolve(unix.AT_FDCWD, []byte(a.source), true, 0)
	if err == nil {
		err = c.exists(&w)
	}
	return w, err
}

// bindMount shows a directory or file once more, with MS_REC and what is mounted
// in it.
func (c *call) bindMount(at *vfs.Where, a mountArgs) error {
	from, err := c.source(a)
	if err != nil {
		return err
	}
	t := c.m.tree
	top := from.Bind()
	var rest []*vfs.Mount
	if a.flags&unix.MS_REC != 0 {
		rest = t.Within(&from)
	}
	if err := t.Attach(at, top); err != nil {
		return err
	}
	for _, m := range rest {
		m.Point = vfs.Join(top.Point, strings.TrimPrefix(m.Point, "/"))
		if err := t.Mount(m); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) moveMount(at *vfs.Where, a mountArgs) error {
	from, err := c.source(a)
	if err != nil {
		return err
	}
	m := c.m.tree.Top(&from)
	if m == nil {
		return unix.EINVAL
	}
	return c.m.tree.Move(m, at)
}

// newMount mounts a file system of its own.
func (c *call) newMount(at *vfs.Where, a mountArgs) error {
	switch {
	case a.kind == "":
		return unix.EINVAL
	case c.m.NewMount == nil:
		return unix.ENODEV
	}
	options, err := c.hostDirs(a.kind, a.options)
	if err != nil {
		return err
	}
	list, err := c.m.NewMount(a.kind, a.source, options)
	if err != nil {
		return err
	}
	point := ""
	for i, m := range list {
		m.Type, m.Source, m.Super = a.kind, a.source, a.options
		if i == 0 {
			m.ReadOnly = m.ReadOnly || a.flags&unix.MS_RDONLY != 0
			m.Flags = a.flags & perMount
			point = m.Point
			if err := c.m.tree.Attach(at, m); err != nil {
				if m.Close != nil {
					m.Close()
				}
				return err
			}
			continue
		}
		rest, _ := strings.CutPrefix(m.Point, point)
		if m.Point = path.Join(list[0].Point, rest); c.m.tree.Mount(m) != nil {
			break // what it lies on may be missing
		}
	}
	return nil
}

// hostDirs puts the host directories that stand for an overlay's into its options.
func (c *call) hostDirs(kind, options string) (string, error) {
	if kind != "overlay" {
		return options, nil
	}
	words := strings.Split(options, ",")
	for i, word := range words {
		key, value, _ := strings.Cut(word, "=")
		if key != "lowerdir" && key != "upperdir" && key != "workdir" {
			continue
		}
		dirs := strings.Split(value, ":")
		for j := range dirs {
			w, err := c.resolve(unix.AT_FDCWD, []byte(dirs[j]), true, 0)
			if err != nil {
				return "", err
			}
			rec, err := w.FS.Dir(w.Path())
			if err != nil {
				return "", err
			}
			if rec.Host == "" || rec.Class == vfs.ClassMerged {
				return "", unix.EINVAL
			}
			dirs[j] = rec.Host
		}
		words[i] = key + "=" + strings.Join(dirs, ":")
	}
	return strings.Join(words, ","), nil
}
