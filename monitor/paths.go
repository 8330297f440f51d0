package monitor

import (
	"bytes"
	"strconv"
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
	if err := c.aim(dirfd, path, follow, resolve); err != nil {
		return vfs.Where{}, err
	}
	return c.walked(path)
}

// aim prepares the walk of a path.
func (c *call) aim(dirfd int, path []byte, follow bool, resolve uint64) error {
	if len(path) == 0 {
		return unix.ENOENT
	}
	w := &c.walk
	c.removed, c.rest = nil, nil
	*w = vfs.Walk{Root: c.task.root(), Follow: follow, Bare: c.bare(), Resolve: resolve}
	w.Start = w.Root
	switch {
	case path[0] != '/', resolve&unix.RESOLVE_IN_ROOT != 0:
		var err error
		w.Start, w.StartHost, err = c.start(dirfd)
		if err == unix.ENOENT {
			err = c.leave(c.procOf(dirfd), path, resolve)
		}
		if err != nil {
			return err
		}
	case resolve&unix.RESOLVE_BENEATH != 0:
		return unix.EXDEV // without a look at the descriptor (path_init)
	}
	if who := c.cred(); !searcher(who) && string(c.rest) != "." { // where nothing is looked up
		w.Who = who
	}
	w.Jump, w.TGID, w.TID, w.Patient = c.m.jumps, c.task.tgid, c.task.tid, c.patient
	return nil
}

// walked is the end of the path that was aimed at.
func (c *call) walked(path []byte) (vfs.Where, error) {
	switch {
	case c.removed != nil:
		return *c.removed, nil
	case c.rest != nil:
		path = c.rest
	}
	end, err := c.gated(c.m.tree.Walk(&c.walk, path))
	if err != nil || !end.Kernel {
		return end, err
	}
	if c.m.sealedPath(end.Rec.Host) {
		return end, unix.EACCES
	}
	if link, rest, ok := strings.Cut(end.Name, "/"); ok && c.hidden(vfs.Join(end.Rec.Host, link)) {
		if err := c.leave(vfs.Join(end.Rec.Host, link), []byte(rest), 0); err != nil {
			return end, err
		}
		return c.walked(nil)
	}
	return end, nil
}

// glance is what is remembered of the path that was aimed at.
func (c *call) glance(path []byte) (vfs.Glance, bool) {
	if c.removed != nil || c.rest != nil {
		return vfs.Glance{}, false
	}
	return c.m.tree.Glance(&c.walk, path)
}

// beside tells that a path is one name in the directory of a descriptor, not to
// be followed, where all that guests have descriptors of is as the kernel sees
// it: whatever is read there may be left to the kernel. No descriptor of a
// procfs directory is so.
func (c *call) beside(dirfd int, path []byte, follow bool) bool {
	return dirfd != unix.AT_FDCWD && !follow && c.m.tree.Plain() && len(path) > 0 &&
		bytes.IndexByte(path, '/') < 0 && string(path) != ".." && string(path) != "."
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
	if c.gate.met {
		return vfs.Where{}, c.gate.ask()
	}
	return c.resolve(c.dirfd(sysent.NewDirFD), p, false, 0)
}

// start is the directory that a relative path starts from, and the host
// directory that the kernel would start from.
func (c *call) start(dirfd int) (*vfs.Dir, string, error) {
	if dirfd == unix.AT_FDCWD {
		return c.cwd()
	}
	return c.dirOf(dirfd)
}

// dirOf is the directory that a descriptor refers to. EBADF, ENOTDIR.
func (c *call) dirOf(fd int) (*vfs.Dir, string, error) {
	if e, ok := c.task.files.find(c.task.tid, fd); ok && e.dir != nil && c.m.tree.Alive(e.dir) {
		return e.dir, e.host, nil
	}
	if d := c.m.looseDir(c.task.tid, fd); d != nil {
		if rec, err := c.record(d); err != nil || d.IsFile() {
			return nil, "", unix.ENOTDIR
		} else {
			return d, rec.Host, nil
		}
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, c.procFD(fd), 0)
	if err != nil {
		return nil, "", unix.EBADF
	}
	if !a.IsDir() {
		return nil, "", unix.ENOTDIR
	}
	if d := c.m.tree.ByID(a.Dev(), a.Ino); d != nil {
		rec, err := c.record(d)
		if err == nil && rec.Dev == a.Dev() && rec.Ino == a.Ino && rec.Flags&vfs.Shared == 0 {
			c.task.files.alias(c.task.tid, fd, d)
			return d, rec.Host, nil
		}
		if err == nil && rec.AltDev == a.Dev() && rec.AltIno == a.Ino && rec.Flags&vfs.Shared == 0 {
			return d, "", nil
		}
	}
	host, err := c.m.hostLink(c.procFD(fd))
	if err != nil {
		return nil, "", unix.EBADF
	}
	d, err := c.m.dirOfHost(host, c.shownBy(fd, host), c.patient)
	return d, host, c.gate.far(err)
}

// jump resolves a magic link of procfs to a host path, and the mount in which it
// was opened if that is known.
func (m *Monitor) jump(hostLink string) (vfs.Target, *vfs.Mount, bool) {
	if m.sealedPath(hostLink) {
		return vfs.Target{}, nil, false
	}
	if r := m.dirBehind(hostLink); r != nil {
		rec, err := m.tree.Record(r, true)
		return vfs.Target{Path: rec.Host, Elsewhere: true}, r.Mount(), err == nil && rec.Host != ""
	}
	text, err := m.hostLink(hostLink)
	if err != nil || !strings.HasPrefix(text, "/") || strings.HasSuffix(text, deleted) {
		return vfs.Target{}, nil, false
	}
	first := m.shownByLink(hostLink, text)
	if m.layered && m.replaced(hostLink, text, first) {
		return vfs.Target{}, nil, false
	}
	return vfs.Target{Path: text}, first, true
}

// replaced tells that the file behind a magic link, of a lower layer, is not at
// its path in the view any more.
func (m *Monitor) replaced(link, host string, first *vfs.Mount) bool {
	if _, mine, _ := m.holder(host); mine {
		return false // the kernel's text would say so
	}
	start, p, ok := m.tree.Lead(host, first)
	if !ok {
		return false
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, link, 0)
	if err != nil || m.fix(&a, link) != nil {
		return false
	}
	w, err := m.tree.Walk(&vfs.Walk{Root: start, Start: start}, []byte(p))
	if err != nil {
		return vfs.Errno(err) == unix.ENOENT || vfs.Errno(err) == unix.ENOTDIR
	}
	b, err := w.Last(m.tree)
	return vfs.Errno(err) == unix.ENOENT || err == nil && (b.Ino != a.Ino || b.Dev() != a.Dev())
}

// dirBehind is the directory of a guest that a link of procfs stands for, where
// the kernel's answer would lead out of the view: its root, and a working
// directory that pivot_root(2) has changed. nil: it is another link, or not of a
// guest.
func (m *Monitor) dirBehind(hostLink string) *vfs.Dir {
	dir, name := splitPath(hostLink)
	if name != "root" && name != "cwd" || !strings.HasPrefix(dir, "/proc/") {
		return nil
	}
	tid, err := strconv.Atoi(dir[strings.LastIndexByte(dir, '/')+1:])
	if err != nil {
		return nil
	}
	switch t := m.taskOf(tid); {
	case t == nil:
		return nil
	case name == "root":
		return t.root()
	default:
		return t.fs.pivoted()
	}
}

// pivoted is the working directory that a change of the root has given, nil if
// the kernel knows it.
func (f *fsState) pivoted() *vfs.Dir {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.displaced {
		return nil
	}
	return f.cwd
}

// native tells whether the kernel, given the guest's own path, would come to
// the file that the view means, in a directory that it may decide about.
func native(w *vfs.Where) bool {
	if w.Kernel {
		return true
	}
	return w.Nat != "" && w.Rec.Host == w.Nat && decides(w.Rec.Class)
}

// decides tells whether the kernel may decide about reads in a directory.
func decides(c vfs.Class) bool {
	return c == vfs.ClassReal || c == vfs.ClassBacked || c == vfs.ClassLower
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

// plainly is native for what a glance tells.
func plainly(g *vfs.Glance) bool { return g.Native && decides(g.Class) }

// gone is missing for what a glance tells.
func gone(g *vfs.Glance) bool {
	return g.Known && g.Kind == 0 && (g.Class == vfs.ClassLower || g.Class == vfs.ClassMerged)
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
	a.ACL = vfs.ACLAt{FS: w.FS, Path: w.Path()}
	return a, err
}

// parent is the attributes of the directory that a walk ended in.
func parent(w *vfs.Where) (vfs.Attr, error) {
	p := strings.TrimSuffix(w.Path(), "/"+w.Name)
	if p == "" {
		p = "/"
	}
	a, err := w.FS.Lstat(p)
	a.ACL = vfs.ACLAt{FS: w.FS, Path: p}
	return a, err
}

// record is the decision about a directory.
func (c *call) record(d *vfs.Dir) (vfs.Record, error) {
	rec, err := c.m.tree.Record(d, c.patient)
	return rec, c.gate.far(err)
}
