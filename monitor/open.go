package monitor

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// open answers open, creat, openat and openat2.
func (c *call) open() ptrace.Verdict {
	how, resolve, err := c.how()
	if err != nil {
		return fails(err)
	}
	p, err := c.str(sysent.Path)
	if err != nil {
		return fails(err)
	}
	excl := how.Flags&(unix.O_CREAT|unix.O_EXCL) == unix.O_CREAT|unix.O_EXCL
	follow := how.Flags&unix.O_NOFOLLOW == 0 && !excl
	changes := how.Flags&unix.O_PATH == 0 && (how.Writes() || how.Creates() || how.Tmpfile())
	dirfd := c.dirfd(sysent.DirFD)
	if !changes && !c.has(sysent.How) && c.beside(dirfd, p, follow) && c.kernelOpens() {
		c.m.tree.Hand(vfs.ClassLower, 0)
		return ptrace.Pass()
	}
	if err := c.aim(dirfd, p, follow, resolve); err != nil {
		return fails(err)
	}
	if !changes {
		if v, ok := c.openKnown(p, how); ok {
			return v
		}
	}
	if how.Creates() && p[len(p)-1] == '/' {
		c.walk.Bare, c.walk.Follow = true, false // EISDIR, whatever it is
	}
	w, err := c.walked(p)
	if err != nil {
		return fails(err)
	}
	if w.Kernel {
		return c.openMagic(&w, how)
	}
	if !changes {
		return c.openToRead(&w, how)
	}
	return c.openToChange(&w, how)
}

// openKnown is an open to read of what is remembered to be a plain file, or not
// to be there.
func (c *call) openKnown(p []byte, how vfs.How) (v ptrace.Verdict, ok bool) {
	g, ok := c.glance(p)
	switch {
	case !ok:
	case c.walk.Follow && gone(&g):
		return ptrace.Fail(unix.ENOENT), true
	case g.Known && g.Kind == unix.S_IFREG && plainly(&g) && g.Flags&(vfs.AttrsDiffer|vfs.Shared) == 0 &&
		!c.has(sysent.How) && c.kernelOpens():
		return ptrace.Pass(), true
	}
	return v, false
}

// openMagic is an open of a magic link that only the kernel can follow: what
// has no path. A file of a lower layer that hides behind such a link must not be
// written.
func (c *call) openMagic(w *vfs.Where, how vfs.How) ptrace.Verdict {
	if how.Flags&unix.O_PATH != 0 || c.m.view.Identity == nil && !(how.Writes() && c.m.layered) {
		return ptrace.Pass()
	}
	proc := vfs.Join(w.Rec.Host, w.Name)
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err != nil {
		return ptrace.Pass()
	}
	var buf [ptrace.PathMax]byte
	n, err := unix.Readlink(proc, buf[:])
	if err != nil || n == 0 {
		return ptrace.Pass()
	}
	host := string(buf[:n])
	if strings.HasPrefix(host, "anon_inode:") && c.m.view.Identity != nil && how.Flags&(unix.O_DIRECTORY|unix.O_EXCL) == 0 {
		if err := c.cred().MayOpen(&a, nil, how.Flags); err != nil {
			return fails(err)
		}
		return ptrace.Fail(unix.ENXIO) // no_open in fs/inode.c
	}
	if host[0] == '/' && c.m.view.Identity != nil && how.Flags&(unix.O_DIRECTORY|unix.O_EXCL) == 0 {
		if err := c.mayOpenNameless(w, how); err != nil {
			return fails(err)
		}
	}
	if !how.Writes() || !c.m.layered || a.Kind() != unix.S_IFREG || a.Nlink == 0 || host[0] != '/' { // a memfd
		return ptrace.Pass()
	}
	if _, mine, _ := c.m.holder(host); mine {
		return ptrace.Pass()
	}
	return ptrace.Fail(unix.EROFS)
}

// mayOpenNameless is mayOpen for a file without a path.
func (c *call) mayOpenNameless(w *vfs.Where, how vfs.How) error {
	a, err := c.attrAt(w)
	if err != nil {
		return nil // the kernel knows the errno
	}
	return c.cred().MayOpen(&a, nil, how.Flags)
}
