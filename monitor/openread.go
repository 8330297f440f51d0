package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// openToRead is an open that changes nothing.
func (c *call) openToRead(w *vfs.Where, how vfs.How) ptrace.Verdict {
	if c.walk.Follow && c.missing(w) {
		return ptrace.Fail(unix.ENOENT)
	}
	if native(w) && !c.standIn(w) && c.kernelOpens() && w.Rec.Flags&vfs.Magic == 0 {
		c.handNative(w, how)
		if how.Flags&(unix.O_DIRECTORY|unix.O_PATH) == unix.O_DIRECTORY && w.Rec.Class != vfs.ClassReal && !c.m.tree.Plain() {
			return c.openDir(w, w.NatPath(), how)
		}
		host := w.NatPath()
		if w.Slash {
			host += "/" // or what is no directory would be opened
		}
		v := c.m.opened(c.task, w, ptrace.Open(host, how.Flags, how.Mode))
		if v.Opened != nil || c.has(sysent.How) { // whose flags are in memory
			return v
		}
		return ptrace.Pass()
	}
	place, err := w.FS.Open(w.Path(), how)
	if err != nil {
		return fails(c.unlessDenied(w, how, err))
	}
	if w.Slash && place.Kind != unix.S_IFDIR {
		return ptrace.Fail(unix.ENOTDIR)
	}
	if err := c.mayOpen(w, how); err != nil {
		return fails(err)
	}
	if place.Kind == unix.S_IFDIR {
		c.hand(w)
	}
	if place.Kind == unix.S_IFDIR && how.Flags&unix.O_PATH == 0 && place.Data == nil && w.Rec.Flags&vfs.Magic == 0 {
		return c.openDir(w, place.Host, how)
	}
	return c.place(w, place, how)
}

// kernelOpens tells that the kernel gives the guest the permission to read that
// the view gives it, for who may search every directory.
func (c *call) kernelOpens() bool { return c.m.view.Identity == nil || searcher(c.cred()) }

// handNative notes the descriptor of what may be a directory, which the kernel
// is about to open.
func (c *call) handNative(w *vfs.Where, how vfs.How) {
	if !c.m.tree.Plain() {
		return
	}
	if how.Flags&unix.O_DIRECTORY == 0 {
		if kind, err := c.m.tree.Kind(w); err == nil && kind != unix.S_IFDIR {
			return
		}
	}
	c.hand(w)
}

// hand notes the descriptor of a directory.
func (c *call) hand(w *vfs.Where) {
	switch t := c.m.tree; {
	case !t.Plain():
	case w.Name != "" && w.Rec.Flags&vfs.MountBelow == 0 && decides(w.Rec.Class):
		t.Hand(w.Rec.Class, w.Rec.Flags) // as its directory is
	default:
		rec := w.Rec
		if d, err := t.Enter(w); err == nil && d != w.Dir {
			rec, err = c.record(d)
			if err != nil {
				rec.Class = vfs.ClassVirtual
			}
		}
		t.Hand(rec.Class, rec.Flags)
	}
}

// standIn tells that the file may be a device that a plain file stands for, or
// one that is closed to the monitor's own user.
func (c *call) standIn(w *vfs.Where) bool {
	if w.Rec.Flags&vfs.AttrsDiffer == 0 {
		return false
	}
	kind, err := c.m.tree.Kind(w)
	return c.gate.far(err) != nil || kind == unix.S_IFCHR || kind == unix.S_IFBLK || c.m.tree.Shut(w)
}

// openDir opens a directory for the guest, so that its descriptor is known
// when it comes back as the start of a path.
func (c *call) openDir(w *vfs.Where, host string, how vfs.How) ptrace.Verdict {
	if v := c.m.opened(c.task, w, ptrace.Open(host, how.Flags, how.Mode)); v.Opened != nil || c.thread.Transport != "notify" {
		return v
	}
	files, m, where := c.task.files, c.m, *w
	v := ptrace.Open(host, how.Flags, how.Mode)
	v.Opened = func(guest, mine int) bool {
		d, err := m.tree.Enter(&where)
		return err == nil && files.keep(guest, mine, dirFD{dir: d, host: host})
	}
	return v
}
