package monitor

import (
	"encoding/binary"

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
	case g.Known && g.Kind == unix.S_IFREG && plainly(&g) && g.Flags&vfs.AttrsDiffer == 0 &&
		!c.has(sysent.How) && c.kernelOpens():
		return ptrace.Pass(), true
	}
	return v, false
}

// openMagic is an open of a magic link that only the kernel can follow: what
// has no path. A file of a lower layer that hides behind such a link must not be
// written.
func (c *call) openMagic(w *vfs.Where, how vfs.How) ptrace.Verdict {
	if how.Flags&unix.O_PATH != 0 || !how.Writes() || !c.m.layered {
		return ptrace.Pass()
	}
	proc := vfs.Join(w.Rec.Host, w.Name)
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err != nil || a.Kind() != unix.S_IFREG || a.Nlink == 0 {
		return ptrace.Pass()
	}
	var buf [ptrace.PathMax]byte
	n, err := unix.Readlink(proc, buf[:])
	if err != nil || n == 0 || buf[0] != '/' {
		return ptrace.Pass() // a memfd
	}
	if _, mine, _ := c.m.holder(string(buf[:n])); mine {
		return ptrace.Pass()
	}
	return ptrace.Fail(unix.EROFS)
}

// how reads flags and mode, from registers or from struct open_how.
func (c *call) how() (how vfs.How, resolve uint64, err error) {
	if c.has(sysent.How) {
		if how, resolve, err = c.openHow(); err != nil {
			return how, resolve, err
		}
	} else {
		how.Flags, how.Mode = c.flags(), uint32(c.value(sysent.Mode))
		if how.Flags&unix.O_PATH != 0 {
			how.Flags &= pathFlags
		}
	}
	if !sensible(how.Flags) {
		return how, 0, unix.EINVAL
	}
	if how.Creates() || how.Tmpfile() {
		how.Mode = how.Mode & 0o7777 &^ c.task.umask()
	}
	how.Owner = c.owner()
	return how, resolve, nil
}

// pathFlags are the flags that O_PATH leaves of the others, openFlags all that
// there are: every bit from O_CREAT to that of O_TMPFILE alone (VALID_OPEN_FLAGS
// in include/linux/fcntl.h).
const (
	pathFlags = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	openFlags = unix.O_ACCMODE | (tmpfile<<1 - unix.O_CREAT)
	tmpfile   = unix.O_TMPFILE &^ unix.O_DIRECTORY
)

// sensible tells that flags of an open go together (build_open_flags in
// fs/open.c), which is asked before the path is looked at.
func sensible(flags int) bool {
	switch {
	case flags&unix.O_PATH != 0:
		return flags&^pathFlags == 0
	case flags&tmpfile != 0:
		return flags&(unix.O_CREAT|unix.O_DIRECTORY) == unix.O_DIRECTORY && flags&unix.O_ACCMODE != unix.O_RDONLY
	}
	return flags&(unix.O_CREAT|unix.O_DIRECTORY) != unix.O_CREAT|unix.O_DIRECTORY
}

// openHow reads struct open_how (include/uapi/linux/openat2.h); what it may
// not hold is left for the kernel to refuse.
func (c *call) openHow() (how vfs.How, resolve uint64, err error) {
	b, err := c.versioned(c.value(sysent.How), sizeofOpenHow)
	if err != nil {
		return how, 0, err
	}
	flags, mode := binary.NativeEndian.Uint64(b), binary.NativeEndian.Uint64(b[8:])
	resolve = binary.NativeEndian.Uint64(b[16:])
	const known = unix.RESOLVE_NO_XDEV | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_SYMLINKS |
		unix.RESOLVE_BENEATH | unix.RESOLVE_IN_ROOT | resolveCached
	how.Flags, how.Mode = int(flags), uint32(mode)
	switch {
	case flags&^openFlags != 0, mode&^0o7777 != 0, resolve&^known != 0,
		resolve&unix.RESOLVE_BENEATH != 0 && resolve&unix.RESOLVE_IN_ROOT != 0,
		mode != 0 && !how.Creates() && !how.Tmpfile():
		return how, 0, unix.EINVAL
	case resolve&resolveCached != 0:
		return how, 0, unix.EAGAIN // as the kernel may always answer
	}
	return how, resolve, nil
}

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
		if c.has(sysent.How) {
			return ptrace.Open(w.NatPath(), how.Flags, how.Mode) // its flags are in memory
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
	if c.thread.Transport != "notify" {
		return ptrace.Open(host, how.Flags, how.Mode)
	}
	files, m, where := c.task.files, c.m, *w
	v := ptrace.Open(host, how.Flags, how.Mode)
	v.Opened = func(guest, mine int) bool {
		d, err := m.tree.Enter(&where)
		return err == nil && files.keep(guest, mine, d, host)
	}
	return v
}

// mayOpen checks permission with the ids of the view.
func (c *call) mayOpen(w *vfs.Where, how vfs.How) error {
	who := c.cred()
	if how.Flags&unix.O_PATH != 0 || privileged(who) {
		return nil
	}
	a, err := w.FS.Lstat(w.Path())
	if err != nil {
		return err
	}
	if how.Tmpfile() {
		return who.MayCreate(&a)
	}
	return who.MayOpen(&a, nil, how.Flags)
}

// unlessDenied is the error of an open. That nothing answers behind a socket or
// a device is seen only by those who may open it (may_open in fs/namei.c).
func (c *call) unlessDenied(w *vfs.Where, how vfs.How, err error) error {
	if vfs.Errno(err) == unix.ENXIO {
		if denied := c.mayOpen(w, how); denied != nil {
			return denied
		}
	}
	return err
}

// openToChange is an open for writing, of a new file or with truncation.
func (c *call) openToChange(w *vfs.Where, how vfs.How) ptrace.Verdict {
	if w.Slash && how.Creates() {
		return ptrace.Fail(unix.EISDIR)
	}
	if v, ok := c.openBacked(w, how); ok {
		return v
	}
	a, err := attr(w)
	exists := err == nil
	if err != nil && (vfs.Errno(err) != unix.ENOENT || !how.Creates()) {
		return fails(err)
	}
	switch {
	case exists:
		if err := how.Refuses(a.Kind()); err != nil {
			return fails(c.unlessDenied(w, how, err))
		}
		if err := c.mayOpen(w, how); err != nil {
			return fails(err)
		}
		if w.Rec.Flags&vfs.ReadOnly != 0 && writable(a.Kind()) && (how.Writes() || how.Tmpfile()) {
			return ptrace.Fail(unix.EROFS)
		}
	default:
		if err := c.mayCreate(w); err != nil {
			return fails(err)
		}
	}
	if exists && c.copies(w, &a) {
		return c.again(causeWorks)
	}
	place, err := w.FS.Open(w.Path(), how)
	if err != nil {
		return fails(err)
	}
	return c.place(w, place, how)
}

// openBacked is the short way for regular files in a directory that one host
// directory stands for: no layer to look into, no copy-up, nothing to record,
// so that the kernel's own open says it all.
func (c *call) openBacked(w *vfs.Where, how vfs.How) (v ptrace.Verdict, ok bool) {
	if w.Rec.Class != vfs.ClassBacked || w.Rec.Flags&(vfs.ReadOnly|vfs.Inherits) != 0 || w.Name == "" || w.Slash ||
		how.Tmpfile() || !privileged(c.cred()) {
		return v, false
	}
	if how.Creates() && (w.Fresh == nil || *w.Fresh != how.Owner || how.Mode&0o600 != 0o600 || how.Mode&^0o777 != 0) {
		return v, false
	}
	excl := how.Creates() && how.Flags&unix.O_EXCL != 0
	if !excl {
		if kind, err := c.m.tree.Kind(w); c.gate.far(err) != nil || kind != 0 && kind != unix.S_IFREG {
			return v, false
		}
	}
	// Never left to the kernel with the guest's own path: another task that
	// shares the memory could change it.
	return ptrace.Open(vfs.Join(w.Rec.Host, w.Name), how.Flags|unix.O_NOFOLLOW, how.Mode), true
}

func (c *call) place(w *vfs.Where, place vfs.Place, how vfs.How) ptrace.Verdict {
	return c.m.placed(w, place, how, opener{w.NatPath(), c.task, c.entry, c.has(sysent.How), c.thread.Transport == "trace"})
}

// opener says who asks for a place.
type opener struct {
	natPath string // what the guest's own path leads the kernel to
	task    *task
	entry   *sysent.Entry
	again   bool // the flags are in memory, and would be read again
	itself  bool // the transport has the guest open the place itself
}

// placed gives the guest a descriptor of where the file system says the file
// is.
func (m *Monitor) placed(w *vfs.Where, place vfs.Place, how vfs.How, by opener) ptrace.Verdict {
	if place.Create {
		m.tree.Forget(w.Dir, w.Name)
	}
	if how.Writes() && how.Flags&unix.O_PATH == 0 && m.outside(place) {
		return ptrace.Fail(unix.EPERM)
	}
	if place.Data != nil {
		return contents(w.Name, place.Data, how)
	}
	if place.Create && place.Stamp || how.Tmpfile() {
		return create(w, place, how)
	}
	changes := how.Writes() || place.Create
	if place.Host == by.natPath && !place.Bare && !changes && !by.again {
		return ptrace.Pass()
	}
	flags := how.Flags
	if !place.Create {
		flags &^= unix.O_CREAT | unix.O_EXCL
	}
	mode := place.Mode
	switch place.Kind {
	case 0, unix.S_IFREG, unix.S_IFDIR, unix.S_IFLNK:
		return ptrace.Open(place.Host, flags, mode)
	}
	if how.Flags&unix.O_PATH == 0 && place.Kind == unix.S_IFCHR && !by.itself && ownTerminal(by.task.tgid, place.Host, flags) {
		v := ptrace.Open(place.Host, flags, mode)
		v.Itself = true
		return v
	}
	if how.Flags&unix.O_PATH != 0 || by.itself {
		return ptrace.Open(place.Host, flags, mode)
	}
	// A fifo or a device may block.
	return m.later(by.task, by.entry, causeWaits, func() ptrace.Verdict {
		if place.Kind == unix.S_IFIFO {
			fd, err := openFifo(by.task.tid, place.Host, flags)
			if err != nil {
				return fails(err)
			}
			return ptrace.ReturnFD(fd, flags, "")
		}
		fd, err := unix.Open(place.Host, flags|unix.O_CLOEXEC|unix.O_NOCTTY, mode)
		if err != nil {
			return fails(err)
		}
		return ptrace.ReturnFD(fd, flags, "")
	})
}

// outside tells that a place is a device through which a copy-on-write view
// would change the real system: anything but the memory and tty families.
func (m *Monitor) outside(place vfs.Place) bool {
	if !m.layered || unix.Geteuid() != 0 || place.Kind != unix.S_IFCHR && place.Kind != unix.S_IFBLK {
		return false
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, place.Host, 0)
	if err != nil {
		return false
	}
	if a.Kind() == unix.S_IFBLK {
		return true
	}
	switch major, minor := a.Rdev_major, a.Rdev_minor; major {
	case 1: // null, zero, full, random, urandom; not mem, port, kmsg
		return minor != 3 && minor != 5 && minor != 7 && minor != 8 && minor != 9
	case 4, 5, 10: // ttys; misc devices (fuse, tun, kvm) but for those below
		return major == 10 && minor == 237 // loop-control
	}
	return a.Rdev_major < 128 || a.Rdev_major > 143 // ptys
}

// create makes a file that needs something put on record.
func create(w *vfs.Where, place vfs.Place, how vfs.How) ptrace.Verdict {
	fd, err := unix.Open(place.Host, how.Flags|unix.O_CLOEXEC, place.Mode)
	if err != nil {
		return fails(err)
	}
	if err := w.FS.Created(w.Path(), fd, how); err != nil {
		unix.Close(fd)
		return fails(err)
	}
	if how.Tmpfile() {
		return ptrace.ReturnFD(fd, how.Flags, "")
	}
	return ptrace.ReturnFD(fd, how.Flags&^(unix.O_CREAT|unix.O_EXCL), place.Host)
}

// contents gives a file that exists only in the view, as it is now.
func contents(name string, data []byte, how vfs.How) ptrace.Verdict {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return fails(err)
	}
	for done := 0; done < len(data); {
		n, err := unix.Pwrite(fd, data[done:], int64(done))
		if err != nil {
			unix.Close(fd)
			return fails(err)
		}
		done += n
	}
	unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_GROW|unix.F_SEAL_SHRINK|unix.F_SEAL_SEAL)
	return ptrace.ReturnFD(fd, how.Flags&(unix.O_CLOEXEC|unix.O_NONBLOCK), "")
}

// resolveCached is RESOLVE_CACHED (include/uapi/linux/openat2.h).
const resolveCached = 0x20
