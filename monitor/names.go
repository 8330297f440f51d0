package monitor

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// newName walks to a name that is to be made and checks that it may be.
func (c *call) newName() (vfs.Where, error) {
	w, err := c.path(false)
	if err != nil {
		return w, err
	}
	return w, c.free(&w)
}

// free checks that a name does not exist yet and may be made.
func (c *call) free(w *vfs.Where) error {
	if w.Name == "" {
		return unix.EEXIST
	}
	switch _, err := w.FS.Lstat(w.Path()); vfs.Errno(err) {
	case 0:
		return unix.EEXIST
	case unix.ENOENT:
	default:
		return err
	}
	if w.Slash && c.entry.Op != sysent.OpMkdir {
		return unix.ENOENT // only a directory's name may end so
	}
	return c.mayCreate(w)
}

// made forgets what was remembered of a name that a call has made or removed.
func (c *call) made(w *vfs.Where, err error) ptrace.Verdict {
	if err == nil {
		c.m.tree.Forget(w.Dir, w.Name)
	}
	return done(err)
}

func (c *call) mkdir() ptrace.Verdict {
	w, err := c.newName()
	if err != nil {
		return fails(err)
	}
	mode := uint32(c.value(sysent.Mode)) & 0o1777 &^ c.task.umask()
	return c.made(&w, w.FS.Mkdir(w.Path(), mode, c.owner()))
}

func (c *call) mknod() ptrace.Verdict {
	mode := uint32(c.value(sysent.Mode)) & (unix.S_IFMT | 0o7777)
	switch mode & unix.S_IFMT {
	case 0:
		mode |= unix.S_IFREG
	case unix.S_IFREG, unix.S_IFIFO, unix.S_IFSOCK, unix.S_IFCHR, unix.S_IFBLK:
	case unix.S_IFDIR:
		return ptrace.Fail(unix.EPERM)
	default:
		return ptrace.Fail(unix.EINVAL)
	}
	w, err := c.newName()
	if err != nil {
		return fails(err)
	}
	dev := uint64(c.Uint32(max(c.entry.Arg(sysent.Dev), 0)))
	switch mode & unix.S_IFMT {
	case unix.S_IFCHR, unix.S_IFBLK:
		if !c.cred().Capable(unix.CAP_MKNOD) {
			return ptrace.Fail(unix.EPERM)
		}
	}
	return c.made(&w, w.FS.Mknod(w.Path(), mode&^c.task.umask(), dev, c.owner()))
}

func (c *call) symlink() ptrace.Verdict {
	target, err := c.str(sysent.Target)
	if err != nil {
		return fails(err)
	}
	if len(target) == 0 {
		return ptrace.Fail(unix.ENOENT)
	}
	text := string(target)
	w, err := c.newName()
	if err != nil {
		return fails(err)
	}
	return c.made(&w, w.FS.Symlink(text, w.Path(), c.owner()))
}

func (c *call) link() ptrace.Verdict {
	flags := c.flags()
	if flags&^(unix.AT_SYMLINK_FOLLOW|unix.AT_EMPTY_PATH) != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	from, err := c.linkSource(flags)
	if err != nil {
		return fails(err)
	}
	var a vfs.Attr
	if !from.Kernel {
		if a, err = attr(&from); err != nil {
			return fails(err)
		}
	}
	to, err := c.newPath()
	if err != nil {
		return fails(err)
	}
	err = c.free(&to)
	if err == unix.EACCES && !from.Kernel && from.FS == to.FS {
		// Whether the file may be linked is asked before (do_linkat).
		err = c.mayLink(&a, &to)
	}
	if err != nil {
		return fails(err)
	}
	if from.Kernel {
		return c.linkDescriptor(&from, &to)
	}
	if from.FS != to.FS {
		return ptrace.Fail(unix.EXDEV)
	}
	if err := c.mayLink(&a, &to); err != nil {
		return fails(err)
	}
	if a.IsDir() {
		return ptrace.Fail(unix.EPERM)
	}
	if c.copies(&from, &a) {
		return c.again(causeWorks)
	}
	c.m.tree.Forget(from.Dir, from.Name)
	return c.made(&to, from.FS.Link(from.Path(), to.Path()))
}

// mayLink checks the permission to give a file another name.
func (c *call) mayLink(a *vfs.Attr, to *vfs.Where) error {
	if c.cred().Capable(unix.CAP_FOWNER) {
		return nil
	}
	dir, err := parent(to)
	if err != nil {
		return err
	}
	return c.cred().MayLink(a, &dir, hardlinksProtected())
}

// linkSource is what is to get another name.
func (c *call) linkSource(flags int) (vfs.Where, error) {
	p, err := c.str(sysent.Path)
	if err != nil {
		return vfs.Where{}, err
	}
	if len(p) == 0 && flags&unix.AT_EMPTY_PATH != 0 {
		fd := c.dirfd(sysent.DirFD)
		return c.resolve(unix.AT_FDCWD, []byte(c.procFD(fd)), true, 0)
	}
	return c.resolve(c.dirfd(sysent.DirFD), p, flags&unix.AT_SYMLINK_FOLLOW != 0, 0)
}

// linkDescriptor gives a name to a file without one (O_TMPFILE).
func (c *call) linkDescriptor(from, to *vfs.Where) ptrace.Verdict {
	place, err := to.FS.Open(to.Path(), vfs.How{Flags: unix.O_CREAT | unix.O_EXCL | unix.O_WRONLY, Mode: 0o600, Owner: c.owner()})
	if err != nil {
		return fails(err)
	}
	err = unix.Linkat(unix.AT_FDCWD, vfs.Join(from.Rec.Host, from.Name), unix.AT_FDCWD, place.Host, unix.AT_SYMLINK_FOLLOW)
	return c.made(to, err)
}

func (c *call) unlink() ptrace.Verdict {
	flags := c.flags()
	if flags&^unix.AT_REMOVEDIR != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	if flags&unix.AT_REMOVEDIR != 0 {
		return c.rmdir()
	}
	w, err := c.path(false)
	if err != nil {
		return fails(err)
	}
	if w.Name == "" {
		return ptrace.Fail(unix.EISDIR)
	}
	a, err := w.FS.Lstat(w.Path())
	if err != nil {
		return fails(err)
	}
	if w.Slash {
		if a.IsDir() {
			return ptrace.Fail(unix.EISDIR)
		}
		return ptrace.Fail(unix.ENOTDIR)
	}
	if err := c.mayDelete(&w, &a, false); err != nil {
		return fails(err)
	}
	err = w.FS.Unlink(w.Path())
	if err == nil && a.IsLink() {
		c.m.tree.Drop(w.Dir, w.Name, true)
	}
	return c.made(&w, err)
}

func (c *call) rmdir() ptrace.Verdict {
	w, err := c.path(false)
	if err != nil {
		return fails(err)
	}
	if w.MountPoint {
		return ptrace.Fail(unix.EBUSY)
	}
	if w.Name == "" {
		return ptrace.Fail(c.lastDots(unix.EBUSY, unix.EINVAL, unix.ENOTEMPTY))
	}
	a, err := w.FS.Lstat(w.Path())
	if err != nil {
		return fails(err)
	}
	if err := c.mayDelete(&w, &a, true); err != nil {
		return fails(err)
	}
	if c.copies(&w, &a) {
		return c.again(causeWorks)
	}
	if err = w.FS.Rmdir(w.Path()); err == nil {
		c.m.tree.Drop(w.Dir, w.Name, false)
	}
	return done(err)
}

// lastDots picks the errno for a path that ends in the root, "." or "..".
func (c *call) lastDots(root, dot, dotdot unix.Errno) unix.Errno {
	p, err := c.str(sysent.Path)
	if err != nil {
		return vfs.Errno(err)
	}
	for len(p) > 1 && p[len(p)-1] == '/' {
		p = p[:len(p)-1]
	}
	switch {
	case len(p) == 0:
		return unix.ENOENT
	case len(p) >= 2 && string(p[len(p)-2:]) == "..":
		return dotdot
	case p[len(p)-1] == '.':
		return dot
	}
	return root
}

func (c *call) rename() ptrace.Verdict {
	flags := c.flags()
	const known = unix.RENAME_NOREPLACE | unix.RENAME_EXCHANGE | unix.RENAME_WHITEOUT
	if flags&^known != 0 || flags&unix.RENAME_EXCHANGE != 0 && flags&(known&^unix.RENAME_EXCHANGE) != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	from, err := c.path(false)
	if err != nil {
		return fails(err)
	}
	to, err := c.newPath()
	if err != nil {
		return fails(err)
	}
	switch {
	case from.FS != to.FS:
		return ptrace.Fail(unix.EXDEV)
	case from.Name == "":
		return ptrace.Fail(unix.EBUSY)
	case to.Name == "" && flags&unix.RENAME_NOREPLACE != 0:
		return ptrace.Fail(unix.EEXIST)
	case to.Name == "":
		return ptrace.Fail(unix.EBUSY)
	}
	a, err := from.FS.Lstat(from.Path())
	if err != nil {
		return fails(err)
	}
	b, errB := to.FS.Lstat(to.Path())
	if err := renames(&from, &to, &a, &b, errB, flags); err != nil {
		return fails(err)
	}
	if errB == nil && a.Ino == b.Ino && a.Dev() == b.Dev() {
		return ptrace.Return(0)
	}
	if from.Rec.Flags&vfs.Magic != 0 {
		return fails(c.mayRenameProc(&from, &to, &a, &b, flags))
	}
	if e := c.mayRename(&from, &to, flags); e != nil {
		return fails(e)
	}
	if from.MountPoint || to.MountPoint {
		return ptrace.Fail(unix.EBUSY)
	}
	if c.copies(&from, &a) || errB == nil && b.IsDir() && c.copies(&to, &b) {
		return c.again(causeWorks)
	}
	if err = from.FS.Rename(from.Path(), to.Path(), uint(flags)); err == nil {
		linked := a.IsLink() || errB == nil && b.IsLink()
		c.m.tree.Drop(from.Dir, from.Name, linked)
		c.m.tree.Drop(to.Dir, to.Name, linked)
	}
	return done(err)
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
	if (from.Rec.Flags|to.Rec.Flags)&vfs.ReadOnly != 0 {
		return unix.EROFS
	}
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
	if r.Victim, err = attrPtr(from.FS.Lstat(from.Path())); err != nil {
		return err
	}
	r.Target, err = attrPtr(to.FS.Lstat(to.Path()))
	if err != nil && (vfs.Errno(err) != unix.ENOENT || r.Exchange) {
		return err
	}
	return who.MayRename(r)
}

func attrPtr(a vfs.Attr, err error) (*vfs.Attr, error) {
	if err != nil {
		return nil, err
	}
	return &a, nil
}
