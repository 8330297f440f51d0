package monitor

import (
	"bytes"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

func (c *call) rename() ptrace.Verdict {
	flags := c.flags()
	const known = unix.RENAME_NOREPLACE | unix.RENAME_EXCHANGE | unix.RENAME_WHITEOUT
	if flags&^known != 0 || flags&unix.RENAME_EXCHANGE != 0 && flags&(known&^unix.RENAME_EXCHANGE) != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	from, err := c.path(false)
	if err != nil {
		return fails(c.unlessNoDir(err))
	}
	to, err := c.newPath()
	if err != nil {
		return fails(err)
	}
	same, err := c.sameMount(&from, &to)
	if err != nil {
		return fails(err)
	}
	switch {
	case !same:
		return ptrace.Fail(unix.EXDEV)
	case from.Name == "":
		return ptrace.Fail(unix.EBUSY)
	case to.Name == "" && flags&unix.RENAME_NOREPLACE != 0:
		return ptrace.Fail(unix.EEXIST)
	case to.Name == "":
		return ptrace.Fail(unix.EBUSY)
	}
	if (from.Rec.Flags|to.Rec.Flags)&vfs.ReadOnly != 0 {
		return ptrace.Fail(unix.EROFS) // without a look at the names
	}
	a, err := from.Last(c.m.tree)
	if err != nil {
		return fails(err)
	}
	b, errB := to.Last(c.m.tree)
	if err := renames(&from, &to, &a, &b, errB, flags); err != nil {
		return fails(err)
	}
	itself := from.Dir == to.Dir && from.Name == to.Name
	if errB == nil && (itself || !from.MountPoint && !to.MountPoint && a.Ino == b.Ino && a.Dev() == b.Dev()) {
		return ptrace.Return(0)
	}
	if from.Rec.Flags&vfs.Magic != 0 {
		return fails(c.mayRenameProc(&from, &to, &a, &b, flags))
	}
	if e := c.mayRename(&from, &to, flags); e != nil {
		return fails(e)
	}
	if errB == nil && flags&unix.RENAME_EXCHANGE == 0 && a.IsDir() != b.IsDir() { // before what is mounted there counts
		if a.IsDir() {
			return ptrace.Fail(unix.ENOTDIR)
		}
		return ptrace.Fail(unix.EISDIR)
	}
	if c.m.tree.Mounted(&from) || c.m.tree.Mounted(&to) {
		return ptrace.Fail(unix.EBUSY)
	}
	if c.copies(&from, &a) || errB == nil && b.IsDir() && c.copies(&to, &b) {
		return c.again(causeWorks)
	}
	if err = from.FS.Rename(from.Path(), to.Path(), uint(flags)); err == nil {
		linked := a.IsLink() || errB == nil && b.IsLink()
		c.m.tree.Renamed(&from, &to, flags&unix.RENAME_EXCHANGE != 0, linked)
	}
	return done(err)
}

// unlessNoDir is the error of the first path, unless that is of a name in a
// removed directory: it is looked up after both directories have been found.
func (c *call) unlessNoDir(err error) error {
	p, e := c.str(sysent.Path)
	if err != unix.ENOENT || e != nil || len(p) == 0 {
		return err
	}
	for bytes.HasPrefix(p, []byte("./")) {
		p = bytes.TrimLeft(p[1:], "/")
	}
	if bytes.IndexByte(bytes.TrimRight(p, "/"), '/') >= 0 {
		return err
	}
	_, second := c.newPath()
	switch second {
	case unix.EBADF, unix.ENOTDIR, unix.EFAULT, unix.ELOOP, unix.ENAMETOOLONG, unix.EACCES:
		return second
	}
	return err
}

// sameMount tells whether the directories are of one mount that the last names
// of both paths are looked for in.
func (c *call) sameMount(from, to *vfs.Where) (bool, error) {
	a, err := c.lookedIn(from, sysent.Path, sysent.DirFD)
	if err != nil {
		return false, err
	}
	b, err := c.lookedIn(to, sysent.NewPath, sysent.NewDirFD)
	return a == b, err
}

// lookedIn is the mount that the last name of a path is looked for in: for ".."
// that is not necessarily where it leads to.
func (c *call) lookedIn(w *vfs.Where, path, dirfd sysent.Role) (*vfs.Mount, error) {
	if w.Name != "" {
		return w.Mount(), nil
	}
	p, err := c.str(path)
	if err != nil {
		return nil, err
	}
	p = bytes.TrimRight(p, "/")
	before, ok := bytes.CutSuffix(p, []byte(".."))
	if !ok || len(before) > 0 && before[len(before)-1] != '/' {
		return w.Mount(), nil
	}
	dir, err := c.resolve(c.dirfd(dirfd), append(before, '.'), true, 0)
	return dir.Mount(), err
}

// renames checks what a rename asks of the names, in the order of do_renameat2
// in fs/namei.c.
func renames(from, to *vfs.Where, a, b *vfs.Attr, errB error, flags int) error {
	exchange := flags&unix.RENAME_EXCHANGE != 0
	switch {
	case errB != nil && (vfs.Errno(errB) != unix.ENOENT || exchange || to.Rec.Flags&vfs.Magic != 0):
		return errB
	case errB == nil && flags&unix.RENAME_NOREPLACE != 0:
		return unix.EEXIST
	case exchange && to.Slash && !b.IsDir(),
		!a.IsDir() && (from.Slash || to.Slash && !exchange):
		return unix.ENOTDIR
	case strings.HasPrefix(to.Path(), from.Path()+"/"):
		return unix.EINVAL
	case strings.HasPrefix(from.Path(), to.Path()+"/"):
		if exchange {
			return unix.EINVAL
		}
		return unix.ENOTEMPTY
	}
	return nil
}

// mayRename checks the permission for both names.
func (c *call) mayRename(from, to *vfs.Where, flags int) error {
	who := c.cred()
	if privileged(who) {
		return nil
	}
	r := cred.Rename{Exchange: flags&unix.RENAME_EXCHANGE != 0, SameDir: from.Dir == to.Dir}
	var err error
	if r.OldDir, err = attrPtr(parent(from)); err != nil {
		return err
	}
	if r.NewDir, err = attrPtr(parent(to)); err != nil {
		return err
	}
	if r.Victim, err = attrPtr(from.Last(c.m.tree)); err != nil {
		return err
	}
	r.Victim.ACL = vfs.ACLAt{FS: from.FS, Path: from.Path()}
	r.Target, err = attrPtr(to.Last(c.m.tree))
	if err != nil && (vfs.Errno(err) != unix.ENOENT || r.Exchange) {
		return err
	}
	if r.Target != nil {
		r.Target.ACL = vfs.ACLAt{FS: to.FS, Path: to.Path()}
	}
	return who.MayRename(r)
}

func attrPtr(a vfs.Attr, err error) (*vfs.Attr, error) {
	if err != nil {
		return nil, err
	}
	return &a, nil
}
