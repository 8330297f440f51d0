package monitor

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/vfs"
)

// procDir is the directory of procfs in which a name lies, as it is asked for
// the permission to change it: that of a task is immutable (proc_pid_instantiate
// in fs/proc/base.c), and a process may do with its own descriptors what it
// likes (proc_fd_permission in fs/proc/fd.c). The layer of a copy-on-write view
// does not reach there.
func (c *call) procDir(w *vfs.Where) (vfs.Attr, error) {
	a, err := parent(w)
	part := strings.Split(strings.TrimPrefix(w.Rec.Host, "/proc/"), "/")
	tgid := part[0]
	if _, e := strconv.Atoi(tgid); e != nil || err != nil {
		return a, err
	}
	if len(part) >= 3 && part[1] == "task" {
		part = part[2:]
	}
	switch {
	case len(part) == 1:
		a.Attributes |= unix.STATX_ATTR_IMMUTABLE
	case len(part) == 2 && part[1] == "fd" && tgid == strconv.Itoa(c.task.tgid):
		a.Mode |= 0o333
	}
	return a, nil
}

// ownDescriptors tells that a path of procfs is the directory of a process's own
// descriptors.
func (c *call) ownDescriptors(path string) bool {
	part := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if part[0] != strconv.Itoa(c.task.tgid) {
		return false
	}
	if len(part) == 4 && part[1] == "task" {
		part = part[2:]
	}
	return len(part) == 2 && part[1] == "fd"
}

// mayDeleteProc says why a name in procfs may not go: it has no such operation,
// which is seen after all else (vfs_unlink in fs/namei.c).
func (c *call) mayDeleteProc(w *vfs.Where, victim *vfs.Attr, isdir bool) error {
	dir, err := c.procDir(w)
	if err == nil {
		err = c.task.cred.MayDelete(&dir, victim, isdir)
	}
	if err == nil {
		err = unix.EPERM
	}
	return err
}

// mayRenameProc is mayDeleteProc for the two names of a rename.
func (c *call) mayRenameProc(from, to *vfs.Where, a, b *vfs.Attr, flags int) error {
	old, err := c.procDir(from)
	if err != nil {
		return err
	}
	dir, err := c.procDir(to)
	if err == nil {
		err = c.task.cred.MayRename(cred.Rename{OldDir: &old, NewDir: &dir, Victim: a, Target: b,
			Exchange: flags&unix.RENAME_EXCHANGE != 0, SameDir: true})
	}
	if err == nil {
		err = unix.EPERM
	}
	return err
}
