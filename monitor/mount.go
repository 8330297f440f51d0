package monitor

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// Mounter makes the file systems that guests mount.
type Mounter interface {
	// Knows tells whether there is a type.
	Knows(kind string) bool
	// Check tells whether a type takes an option, KEY or KEY=VALUE. EINVAL.
	Check(kind, option string) error
	// New makes a file system: the mount itself, then those that come with it,
	// placed below its Point. ENODEV for a type that it does not have.
	New(kind, source, options string) ([]*vfs.Mount, error)
	// Change gives a file system of a type other options, as a remount does, and
	// tells them all. EINVAL.
	Change(kind string, fs vfs.FileSystem, options string) (super string, err error)
}

// mount answers mount(2), in the order of path_mount in fs/namespace.c.
func (c *call) mount() ptrace.Verdict {
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
		if !c.patient {
			return c.again(causeWorks)
		}
		return done(c.bindMount(&at, a))
	case a.flags&propagation != 0:
		return done(c.propagate(&at, a.flags))
	case a.flags&unix.MS_MOVE != 0:
		return done(c.moveTo(&at, a))
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
	if c.m.tree.RootOf(w) != nil {
		return nil // though what it shows may have been removed
	}
	_, err := attr(w)
	return err
}

// remount changes a mount's flags; the options of file systems are their own.
func (c *call) remount(at *vfs.Where, a mountArgs) error {
	m := c.m.tree.RootOf(at)
	if m == nil {
		return unix.EINVAL
	}
	flags := a.flags & perMount
	if a.flags&(times|unix.MS_NODIRATIME|unix.MS_RELATIME) == 0 {
		flags |= c.m.tree.FlagsOf(m) & (times | unix.MS_NODIRATIME)
	}
	readOnly := a.flags&unix.MS_RDONLY != 0
	var fs vfs.FileSystem
	if a.flags&unix.MS_BIND == 0 {
		fs = m.FS
	}
	if readOnly && c.m.written(m, fs) {
		return unix.EBUSY
	}
	if a.flags&unix.MS_BIND == 0 {
		if err := c.m.changeOptions(m.Type, m.FS, a.options); err != nil {
			return err
		}
		c.m.tree.Close(m.FS, readOnly)
	}
	c.m.tree.Remount(m, readOnly, flags)
	return nil
}

// changeOptions gives a file system other options, where that is its business.
func (m *Monitor) changeOptions(kind string, fs vfs.FileSystem, options string) error {
	if options == "" || m.Mounter == nil || !m.Mounter.Knows(kind) {
		return nil
	}
	super, err := m.Mounter.Change(kind, fs, options)
	if err == nil && super != "" {
		m.tree.Describe(fs, super)
	}
	return err
}

func (c *call) propagate(at *vfs.Where, flags uintptr) error {
	kind := flags & propagation
	switch {
	case flags&^(propagation|unix.MS_REC|unix.MS_SILENT) != 0 || kind&(kind-1) != 0,
		c.m.tree.RootOf(at) == nil:
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
	var rest vfs.Copies
	if a.flags&unix.MS_REC != 0 {
		rest = t.Copies(&from)
	}
	c.m.before(top)
	if err := t.Attach(at, top); err != nil {
		return err
	}
	t.Graft(rest, top)
	return nil
}

func (c *call) moveTo(at *vfs.Where, a mountArgs) error {
	from, err := c.source(a)
	if err != nil {
		return err
	}
	m := c.m.tree.RootOf(&from)
	if m == nil {
		return unix.EINVAL
	}
	return c.m.tree.Move(m, at)
}

// newMount mounts a file system of its own.
func (c *call) newMount(at *vfs.Where, a mountArgs) error {
	if a.kind == "" {
		return unix.EINVAL
	}
	list, err := c.makeMounts(a.kind, a.source, a.options)
	if err != nil {
		return err
	}
	top := list[0]
	top.ReadOnly = top.ReadOnly || a.flags&unix.MS_RDONLY != 0
	top.Flags = a.flags & perMount
	if err := c.m.tree.Attach(at, top); err != nil {
		if top.Close != nil {
			top.Close()
		}
		return err
	}
	if a.flags&unix.MS_RDONLY != 0 {
		c.m.tree.Close(top.FS, true)
	}
	c.m.attachRest(list, c.m.tree.RootDir(top))
	return nil
}

// makeMounts makes a file system, which is on no place yet.
func (c *call) makeMounts(kind, source, options string) ([]*vfs.Mount, error) {
	if c.m.Mounter == nil || !c.m.Mounter.Knows(kind) {
		return nil, c.onDevice(kind, source)
	}
	dirs, err := c.hostDirs(kind, options)
	if err != nil {
		return nil, err
	}
	list, err := c.m.Mounter.New(kind, source, dirs)
	if err != nil {
		return nil, err
	}
	list[0].Type, list[0].Source = kind, source
	if kind == "overlay" {
		list[0].Super = options
	}
	return list, nil
}

// onDevice is why a file system that lies on a block device cannot be mounted,
// found in the kernel's order (get_tree_bdev in fs/super.c).
func (c *call) onDevice(kind, source string) error {
	list, _ := os.ReadFile("/proc/filesystems")
	switch {
	case kind == "" || !strings.Contains(string(list), "\n\t"+kind+"\n"):
		return unix.ENODEV
	case source == "":
		return unix.EINVAL
	}
	w, err := c.resolve(unix.AT_FDCWD, []byte(source), true, 0)
	if err != nil {
		return err
	}
	a, err := attr(&w)
	switch {
	case err != nil:
		return err
	case a.Kind() != unix.S_IFBLK:
		return unix.ENOTBLK
	}
	return unix.EPERM
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
