package monitor

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

const (
	firstUnique   = 1 << 31 // MNT_UNIQUE_ID_OFFSET in fs/namespace.c
	mostListed    = 1000000
	listReverse   = 1  // LISTMOUNT_REVERSE
	sizeofMountNS = 32 // of struct mnt_id_req with a namespace

)

// mountReq is a struct mnt_id_req. EFAULT, EINVAL, E2BIG.
func (c *call) mountReq() (id, param uint64, err error) {
	at := c.value(sysent.BufIn)
	var head [4]byte
	if err := c.thread.Mem.Read(at, head[:]); err != nil {
		return 0, 0, err
	}
	size := le32(head[:])
	switch {
	case size > ptrace.PathMax:
		return 0, 0, unix.E2BIG
	case size < sizeofMountReq:
		return 0, 0, unix.EINVAL
	}
	b := c.buf[:max(size, sizeofMountNS)]
	clear(b)
	if err := c.thread.Mem.Read(at, b[:size]); err != nil {
		return 0, 0, err
	}
	if set(b[sizeofMountNS:]) {
		return 0, 0, unix.E2BIG
	}
	if le32(b[4:]) != 0 {
		return 0, 0, unix.EINVAL
	}
	id, param = binary.NativeEndian.Uint64(b[8:]), binary.NativeEndian.Uint64(b[16:])
	if ns := binary.NativeEndian.Uint64(b[24:]); ns != 0 {
		return id, param, unix.ENOENT // there is no other
	}
	if id <= firstUnique {
		return id, param, unix.EINVAL
	}
	return id, param, nil
}

// visibleMounts are the mounts that the task can reach, and their numbers; ENOSYS
// where the kernel tells none.
func (c *call) visibleMounts() ([]mountLine, uniqueIDs, error) {
	unique := c.m.uniqueIDs()
	if unique == nil {
		return nil, nil, unix.ENOSYS
	}
	root, _ := c.m.tree.Path(c.task.root())
	return c.m.linesBelow(root), unique, nil
}

// listmount answers listmount(2), in the order of that in fs/namespace.c.
func (c *call) listmount() ptrace.Verdict {
	flags, n := c.flags(), c.Args[2]
	switch {
	case flags&^listReverse != 0:
		return ptrace.Fail(unix.EINVAL)
	case n > mostListed:
		return ptrace.Fail(unix.EOVERFLOW)
	}
	id, last, err := c.mountReq()
	if err != nil {
		return fails(err)
	}
	if last != 0 && last <= firstUnique {
		return ptrace.Fail(unix.EINVAL)
	}
	lines, unique, err := c.visibleMounts()
	if err != nil {
		return fails(err)
	}
	list, ok := subtree(lines, unique, id)
	if !ok {
		return ptrace.Fail(unix.ENOENT)
	}
	list = after(list, last, flags&listReverse != 0)
	var b []byte
	for _, id := range list[:min(len(list), int(n))] {
		b = binary.NativeEndian.AppendUint64(b, id)
	}
	if err := c.thread.Mem.Write(c.value(sysent.BufOut), b); err != nil {
		return fails(err)
	}
	return ptrace.Return(int64(len(b) / 8))
}

// subtree are the numbers of the mounts below one, or of all.
func subtree(lines []mountLine, unique uniqueIDs, top uint64) (list []uint64, ok bool) {
	parents := map[uint64]uint64{}
	for _, l := range lines {
		parents[unique.of(l.id)] = unique.of(l.parent)
	}
	if _, ok = parents[top]; !ok && top != everyMount {
		return nil, false
	}
	for id := range parents {
		for up := id; ; {
			next, more := parents[up]
			if top == everyMount || more && next == top && id != top {
				list = append(list, id)
				break
			}
			if !more || next == up {
				break
			}
			up = next
		}
	}
	slices.Sort(list)
	return list, true
}

// after is what comes behind a number, 0 for all.
func after(list []uint64, last uint64, reverse bool) []uint64 {
	if reverse {
		slices.Reverse(list)
	}
	if last == 0 {
		return list
	}
	return slices.DeleteFunc(list, func(id uint64) bool {
		return !reverse && id <= last || reverse && id >= last
	})
}
