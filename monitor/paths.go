package monitor

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/vfs"
)

// searcher tells whether somebody may search every directory.
func searcher(c *cred.Cred) bool {
	return c.Capable(unix.CAP_DAC_OVERRIDE) || c.Capable(unix.CAP_DAC_READ_SEARCH)
}

// resolve walks a path from a descriptor. resolve are RESOLVE_ flags.
func (c *call) resolve(dirfd int, path []byte, follow bool, resolve uint64) (vfs.Where, error) {
	if len(path) == 0 {
		return vfs.Where{}, unix.ENOENT
	}
	w := &c.walk
	*w = vfs.Walk{Root: c.task.root(), Follow: follow, Bare: c.bare(), Resolve: resolve}
	w.Start = w.Root
	if path[0] != '/' || resolve&(unix.RESOLVE_IN_ROOT|unix.RESOLVE_BENEATH) != 0 {
		var err error
		if w.Start, w.StartHost, err = c.start(dirfd); err != nil {
			return vfs.Where{}, err
		}
	}
	if who := c.cred(); !searcher(who) {
		w.Who = who
		w.MaySearch = func(a *vfs.Attr) error { return who.May(a, unix.X_OK) }
	}
	w.Jump, w.TGID, w.TID = c.m.jump, c.task.tgid, c.task.tid
	end, err := c.m.tree.Walk(w, path)
	if err == nil && end.Kernel && c.m.sealedPath(end.Rec.Host) {
		return end, unix.EACCES
	}
	return end, err
}

// bare tells whether the call means a name rather than a file.
func (c *call) bare() bool {
	switch c.entry.Op {
	case sysent.OpMkdir, sysent.OpMknod, sysent.OpSymlink, sysent.OpUnlink, sysent.OpRmdir, sysent.OpRename:
		return true
	}
	return c.second
}

// path resolves the path argument of the call.
func (c *call) path(follow bool) (vfs.Where, error) {
	p, err := c.str(sysent.Path)
	if err != nil {
		return vfs.Where{}, err
	}
	return c.resolve(c.dirfd(sysent.DirFD), p, follow, 0)
}

// newPath resolves the second path of rename and link.
func (c *call) newPath() (vfs.Where, error) {
	p, err := c.str(sysent.NewPath)
	if err != nil {
		return vfs.Where{}, err
	}
	c.second = true
	return c.resolve(c.dirfd(sysent.NewDirFD), p, false, 0)
}

// start is the directory that a relative path starts from, and the host
// directory that the kernel would start from.
func (c *call) start(dirfd int) (*vfs.Dir, string, error) {
	if dirfd == unix.AT_FDCWD {
		return c.m.cwd(c.task)
	}
	return c.dirOf(dirfd)
}

// dirOf is the directory that a descriptor refers to. EBADF, ENOTDIR.
func (c *call) dirOf(fd int) (*vfs.Dir, string, error) {
	if e, ok := c.task.files.find(c.task.tid, fd); ok && c.m.tree.Alive(e.dir) {
		return e.dir, e.host, nil
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, c.procFD(fd), 0)
	if err != nil {
		return nil, "", unix.EBADF
	}
	if !a.IsDir() {
		return nil, "", unix.ENOTDIR
	}
	if d := c.m.tree.ByID(a.Dev(), a.Ino); d != nil {
		rec, err := c.m.tree.Record(d)
		if err == nil && rec.Dev == a.Dev() && rec.Ino == a.Ino {
			c.task.files.alias(c.task.tid, fd, d)
			return d, rec.Host, nil
		}
		if err == nil && rec.AltDev == a.Dev() && rec.AltIno == a.Ino {
			return d, "", nil
		}
	}
	host, err := os.Readlink(c.procFD(fd))
	if err != nil {
		return nil, "", unix.EBADF
	}
	d, err := c.m.dirOfHost(host)
	return d, host, err
}

// jump resolves a magic link of procfs to a host path.
func (m *Monitor) jump(hostLink string) (string, bool) {
	if m.sealedPath(hostLink) {
		return "", false
	}
	text, err := os.Readlink(hostLink)
	if err != nil || !strings.HasPrefix(text, "/") || strings.HasSuffix(text, deleted) {
		return "", false
	}
	return text, true
}

// native tells whether the kernel, given the guest's own path, would come to
// the file that the view means, in a directory that it may decide about.
func native(w *vfs.Where) bool {
	if w.Kernel {
		return true
	}
	if w.Nat == "" || w.Rec.Host != w.Nat {
		return false
	}
	switch w.Rec.Class {
	case vfs.ClassReal, vfs.ClassBacked, vfs.ClassLower:
		return true
	}
	return false
}

// missing tells that the name is known not to exist, in a directory that only
// the monitor changes.
func (c *call) missing(w *vfs.Where) bool {
	switch w.Rec.Class {
	case vfs.ClassLower, vfs.ClassMerged:
		kind, err := c.m.tree.Kind(w)
		return err == nil && kind == 0 && !w.Kernel
	}
	return false
}

// untouched is native for calls that read attributes: those of the backing
// files are what the view shows.
func untouched(w *vfs.Where) bool {
	return w.Kernel || native(w) && w.Rec.Flags&vfs.AttrsDiffer == 0
}

// owner is who a new object of the call belongs to.
func (c *call) owner() vfs.Owner {
	return vfs.Owner{UID: c.task.cred.FSUID, GID: c.task.cred.FSGID}
}

// attr is the attributes of the end of a walk. A trailing slash demands a
// directory.
func attr(w *vfs.Where) (vfs.Attr, error) {
	a, err := w.FS.Lstat(w.Path())
	if err == nil && w.Slash && !a.IsDir() {
		return a, unix.ENOTDIR
	}
	return a, err
}

// parent is the attributes of the directory that a walk ended in.
func parent(w *vfs.Where) (vfs.Attr, error) {
	p := strings.TrimSuffix(w.Path(), "/"+w.Name)
	if p == "" {
		p = "/"
	}
	return w.FS.Lstat(p)
}
