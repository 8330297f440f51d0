package monitor

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

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
		return ptrace.Fail(refusal(place))
	}
	device := place.Kind == unix.S_IFCHR || place.Kind == unix.S_IFBLK
	if device && how.Flags&unix.O_PATH == 0 && m.tree.FlagsOf(w.Mount())&unix.MS_NODEV != 0 {
		return ptrace.Fail(unix.EACCES)
	}
	if place.Data != nil {
		return contents(w.Name, place.Data, how)
	}
	if place.Create && place.Stamp || how.Tmpfile() {
		return create(w, place, how)
	}
	changes := how.Writes() || place.Create
	if place.Host == by.natPath && !place.Bare && !changes && !by.again && !by.task.opens(m, w, place.Host) {
		return ptrace.Pass()
	}
	flags := how.Flags
	if !place.Create {
		flags &^= unix.O_CREAT | unix.O_EXCL
	}
	mode := place.Mode
	switch place.Kind {
	case 0, unix.S_IFREG, unix.S_IFDIR, unix.S_IFLNK:
		return m.opened(by.task, w, ptrace.Open(place.Host, flags, mode))
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
		fd, err := hostpath.Open(place.Host, flags|unix.O_CLOEXEC|unix.O_NOCTTY, mode)
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

// refusal is the error for such a device: where no driver has it, the kernel's.
func refusal(place vfs.Place) unix.Errno {
	a, err := vfs.HostStatAt(unix.AT_FDCWD, place.Host, 0)
	if err != nil {
		return unix.EPERM
	}
	of := "char"
	if a.Kind() == unix.S_IFBLK {
		of = "block"
	}
	known := fmt.Sprintf("/sys/dev/%s/%d:%d", of, a.Rdev_major, a.Rdev_minor)
	if unix.Access("/sys/dev/"+of, unix.F_OK) == nil && unix.Access(known, unix.F_OK) == unix.ENOENT {
		return unix.ENXIO
	}
	return unix.EPERM
}

// create makes a file that needs something put on record.
func create(w *vfs.Where, place vfs.Place, how vfs.How) ptrace.Verdict {
	fd, err := hostpath.Open(place.Host, how.Flags|unix.O_CLOEXEC, place.Mode)
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
