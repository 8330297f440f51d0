package monitor

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// readlink answers readlink and readlinkat.
func (c *call) readlink() ptrace.Verdict {
	if c.Int(c.entry.Arg(sysent.Len)) <= 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	p, err := c.str(sysent.Path)
	if err != nil {
		return fails(err)
	}
	if len(p) == 0 {
		return ptrace.Pass() // the descriptor of a link
	}
	dirfd := c.dirfd(sysent.DirFD)
	if c.beside(dirfd, p, false) {
		return ptrace.Pass()
	}
	if err := c.aim(dirfd, p, false, 0); err != nil {
		return fails(err)
	}
	if g, ok := c.glance(p); ok {
		switch layered := g.Class == vfs.ClassLower || g.Class == vfs.ClassMerged; {
		case layered && g.Known && g.Kind == 0:
			return ptrace.Fail(unix.ENOENT)
		case layered && g.Known && g.Kind != unix.S_IFLNK:
			return ptrace.Fail(unix.EINVAL) // realpath(3) asks this of every component
		case plainly(&g) && (g.Known || !layered):
			return ptrace.Pass()
		}
	}
	w, err := c.walked(p)
	if err != nil {
		return fails(err)
	}
	if w.Rec.Flags&vfs.Magic != 0 {
		return c.magicText(&w)
	}
	if !w.Slash && (w.Rec.Class == vfs.ClassLower || w.Rec.Class == vfs.ClassMerged) {
		switch kind, err := c.m.tree.Kind(&w); {
		case err != nil:
			return fails(c.gate.far(err))
		case kind == 0:
			return ptrace.Fail(unix.ENOENT)
		case kind != unix.S_IFLNK:
			return ptrace.Fail(unix.EINVAL)
		}
	}
	if native(&w) && !w.Slash {
		return ptrace.Pass()
	}
	if w.Slash || w.Name == "" {
		if a, err := attr(&w); err != nil {
			return fails(err)
		} else if !a.IsLink() {
			return ptrace.Fail(unix.EINVAL)
		}
	}
	text, err := w.FS.Readlink(w.Path())
	if err != nil {
		return fails(err)
	}
	return c.tellText(text)
}

// tellText answers a readlink: the text without a NUL, cut off at the size.
func (c *call) tellText(text string) ptrace.Verdict {
	n := min(len(text), c.Int(c.entry.Arg(sysent.Len)))
	if err := c.thread.Mem.Write(c.value(sysent.BufOut), []byte(text[:n])); err != nil {
		return fails(err)
	}
	return ptrace.Return(int64(n))
}

// magicText reads a link of procfs: paths in it become those of the view.
func (c *call) magicText(w *vfs.Where) ptrace.Verdict {
	host := vfs.Join(w.Rec.Host, w.Name)
	switch w.Path() {
	case "/self":
		return c.tellText(itoa(c.task.tgid))
	case "/thread-self":
		return c.tellText(itoa(c.task.tgid) + "/task/" + itoa(c.task.tid))
	}
	if c.m.sealedPath(host) {
		return ptrace.Fail(unix.EACCES)
	}
	text, err := c.m.hostLink(host)
	if err != nil || text == "" || text[0] != '/' {
		return ptrace.Pass()
	}
	if r := c.m.dirBehind(host); r != nil {
		p, _ := c.m.tree.Path(r)
		top, _ := c.m.tree.Path(c.task.root())
		return c.tellText(shownBelow(p, top))
	}
	in := c.m.shownByLink(host, text)
	p, ok := c.m.viewPath(text, in)
	if !ok {
		p = text // of a lower layer, and hidden
	}
	if in != nil && c.m.tree.Loose(in) {
		return c.tellText(p)
	}
	if !strings.HasSuffix(p, deleted) && !c.m.loaders.made(text) && c.gone(p, text, in, host) {
		p += deleted
	}
	if p == text {
		return ptrace.Pass()
	}
	if hostpath.Long(p) {
		return ptrace.Fail(unix.ENAMETOOLONG)
	}
	return c.tellText(p)
}

// gone tells whether the file behind a magic link is not at its path any more:
// what the view removed of a lower layer is still there. What is mounted over it
// does not count.
func (c *call) gone(path, text string, in *vfs.Mount, proc string) bool {
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err != nil || c.fix(&a, proc) != nil {
		return false
	}
	var b vfs.Attr
	if m, _, ok := c.m.tree.Find(text, in); ok {
		p, _ := m.FS.PathOf(text)
		b, err = m.FS.Lstat(p)
	} else if w, lost := c.find(path); lost == nil {
		b, err = w.FS.Lstat(w.Path())
	} else {
		err = lost
	}
	return vfs.Errno(err) == unix.ENOENT || err == nil && (b.Ino != a.Ino || b.Dev() != a.Dev())
}
