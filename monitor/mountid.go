package monitor

import (
	"encoding/binary"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// Mounts of the view have numbers of their own, but for those that are the host's
// at their own place: of these what the kernel says is true.

// number gives the host's own mounts the host's numbers.
func (m *Monitor) number() {
	host := hostMounts()
	given := map[int]bool{}
	m.tree.Begin(func(x *vfs.Mount) (id int) {
		for _, h := range host {
			if h.point == x.Host() && h.point == x.Point && !x.Layers && !given[h.id] {
				id = h.id // the last is the uppermost
			}
		}
		given[id] = id != 0
		return id
	})
}

// mountID is the number of the mount that a file of a mount is in. What the host
// has mounted below shows through the root of the view.
func (m *Monitor) mountID(x *vfs.Mount, fsPath string) int {
	states := m.tree.States()
	if len(states) == 0 || states[0].Mount != x {
		return x.ID()
	}
	id, longest := x.ID(), 0
	for _, l := range m.hostBelow(&states[0], hostMounts()) {
		if len(l.host) >= longest && (fsPath == l.host || strings.HasPrefix(fsPath, l.host+"/")) {
			id, longest = l.id, len(l.host)
		}
	}
	return id
}

// mountIDs are the numbers that a statx may ask for.
const mountIDs = unix.STATX_MNT_ID | unix.STATX_MNT_ID_UNIQUE

// asksMountID tells whether the call is a statx that asks for the number of a
// mount, in a view where the host's may be wrong.
func (c *call) asksMountID() bool {
	return c.entry.Op == sysent.OpStatx && c.value(sysent.Mask)&mountIDs != 0 && !c.m.hostNumbers()
}

// hostNumbers tells whether all numbers are the host's.
func (m *Monitor) hostNumbers() bool {
	for _, x := range m.tree.Mounts() {
		if !x.Renumbered() {
			return false
		}
	}
	return true
}

// statxID answers a statx that asks for the number of the mount.
func (c *call) statxID(w *vfs.Where, a *vfs.Attr) ptrace.Verdict {
	id := uint64(c.m.mountID(w.Mount(), w.Path()))
	a.Mask |= unix.STATX_MNT_ID
	if c.value(sysent.Mask)&unix.STATX_MNT_ID_UNIQUE != 0 {
		unique := c.m.uniqueIDs()
		if unique == nil {
			return c.tell(a) // as a kernel that has none
		}
		id = unique.of(int(id))
		a.Mask = a.Mask&^unix.STATX_MNT_ID | unix.STATX_MNT_ID_UNIQUE
	}
	a.Mnt_id = id
	return c.tell(a)
}

// statxFD is statxID of a descriptor. ok is false for one of no path.
func (c *call) statxFD(fd int) (v ptrace.Verdict, ok bool) {
	w, err := c.whereFD(fd)
	if err != nil || w.Kernel {
		return v, false
	}
	proc := c.proc("cwd")
	if fd != unix.AT_FDCWD {
		proc = c.procFD(fd)
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err != nil || c.fix(&a, proc) != nil {
		return v, false
	}
	return c.statxID(&w, &a), true
}

// FDInfo is a file of /proc/PID/fdinfo with the number of the view's mount.
func (m *Monitor) FDInfo(tid, fd int, text []byte) []byte {
	t := m.taskOf(tid)
	if t == nil || m.tree == nil || m.hostNumbers() {
		return nil
	}
	link := "/proc/" + itoa(tid) + "/fd/" + itoa(fd)
	host, err := m.hostLink(link)
	if err != nil {
		return nil
	}
	host = strings.TrimSuffix(host, deleted)
	x, _, ok := m.tree.Find(host, m.shownByLink(link, host))
	if !ok {
		return nil
	}
	before, after, ok := strings.Cut(string(text), "mnt_id:\t")
	_, rest, _ := strings.Cut(after, "\n")
	if !ok {
		return nil
	}
	p, _ := x.FS.PathOf(host)
	return []byte(before + "mnt_id:\t" + strconv.Itoa(m.mountID(x, p)) + "\n" + rest)
}

// Of name_to_handle_at(2) (include/uapi/linux/fcntl.h).
const (
	handleMountUnique = 0x001 // AT_HANDLE_MNT_ID_UNIQUE
	handleConnectable = 0x002 // AT_HANDLE_CONNECTABLE
	handleFID         = 0x200 // AT_HANDLE_FID
	mostHandle        = 128   // MAX_HANDLE_SZ, in bytes
)

// nameToHandle answers name_to_handle_at(2): with the handle of the host's file,
// which nobody may open by it, and the number of the view's mount.
func (c *call) nameToHandle() ptrace.Verdict {
	const known = unix.AT_SYMLINK_FOLLOW | unix.AT_EMPTY_PATH | handleMountUnique | handleConnectable | handleFID
	flags := c.flags()
	if c.m.hostNumbers() && len(c.m.tree.Mounts()) == 1 || flags&^known != 0 || flags&(handleFID|handleConnectable) == handleFID|handleConnectable {
		return ptrace.Pass()
	}
	w, err := c.pathArg(sysent.DirFD, sysent.Path, flags&unix.AT_EMPTY_PATH != 0, flags&unix.AT_SYMLINK_FOLLOW != 0)
	if err == unix.EINVAL {
		return ptrace.Pass() // a file without a name, which only the kernel has
	}
	if err != nil {
		return fails(err)
	}
	var head [8]byte
	if err := c.thread.Mem.Read(c.Args[2], head[:]); err != nil {
		return fails(err)
	}
	place, err := w.FS.Open(w.Path(), vfs.How{Flags: unix.O_PATH | unix.O_NOFOLLOW})
	switch {
	case err != nil:
		return fails(err)
	case place.Host == "":
		return ptrace.Fail(unix.EOPNOTSUPP)
	}
	return c.tellHandle(&w, place.Host, flags, head)
}

// tellHandle writes a struct file_handle whose head has been read and the number of the mount.
func (c *call) tellHandle(w *vfs.Where, host string, flags int, head [8]byte) ptrace.Verdict {
	mem, at, idAt := c.thread.Mem, c.Args[2], c.Args[3]
	room := le32(head[:])
	if room > mostHandle {
		return ptrace.Fail(unix.EINVAL)
	}
	fd, err := hostpath.Open(host, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return fails(err)
	}
	defer unix.Close(fd)
	h, _, err := unix.NameToHandleAt(fd, "", unix.AT_EMPTY_PATH|flags&(handleFID|handleConnectable))
	if err != nil {
		return fails(err)
	}
	id := c.m.mountID(w.Mount(), w.Path())
	number := binary.NativeEndian.AppendUint32(nil, uint32(id))
	if flags&handleMountUnique != 0 {
		unique := c.m.uniqueIDs()
		if unique == nil {
			return ptrace.Fail(unix.EINVAL)
		}
		number = binary.NativeEndian.AppendUint64(nil, unique.of(id))
	}
	if err := mem.Write(idAt, number); err != nil {
		return fails(err)
	}
	put32(head[:], uint32(h.Size()))
	if int(room) < h.Size() {
		if err := mem.Write(at, head[:4]); err != nil {
			return fails(err)
		}
		return ptrace.Fail(unix.EOVERFLOW)
	}
	put32(head[4:], uint32(h.Type()))
	return done(mem.Write(at, append(head[:], h.Bytes()...)))
}
