package monitor

import (
	"encoding/binary"
	"hash/fnv"
	"sort"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// getdents lists directories that the kernel cannot list. The position of the
// guest's own descriptor says how far it got, so that dup, fork and lseek work
// as they do: an entry's offset is a hash of its name, and stays valid while
// other entries come and go.
func (c *call) getdents() ptrace.Verdict {
	fd := c.Int(c.entry.Arg(sysent.FD))
	if c.m.tree.Plain() || c.plainDir(fd) {
		return ptrace.Pass()
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, c.procFD(fd), 0)
	if err != nil || !a.IsDir() {
		return ptrace.Pass()
	}
	d, _, err := c.dirOf(fd)
	if err == unix.ENOENT && c.m.layered {
		return ptrace.Fail(unix.ENOENT) // removed, but the layer below still has it
	}
	if err != nil {
		return ptrace.Pass() // not of the view
	}
	rec, err := c.record(d)
	if err != nil || rec.Class != vfs.ClassMerged && rec.Class != vfs.ClassVirtual {
		return ptrace.Pass()
	}
	key := listKey{c.task.tgid, fd, a.Dev(), a.Ino}
	old := rec.Dev != a.Dev() || rec.Ino != a.Ino // opened before it was merged
	return c.list(d, key, old)
}

// list answers one getdents of a merged directory.
func (c *call) list(d *vfs.Dir, key listKey, old bool) ptrace.Verdict {
	fd, err := c.borrow(key.fd)
	if err != nil {
		return fails(err)
	}
	defer unix.Close(fd)
	pos, err := unix.Seek(fd, 0, unix.SEEK_CUR)
	if err != nil {
		return fails(err)
	}
	if pos == endOfList {
		return ptrace.Return(0)
	}
	ordered, known := c.m.streams.at(key, pos)
	if !known && old && pos != 0 && pos < startOfList {
		return ptrace.Pass() // begun natively, goes on natively
	}
	if ordered == nil {
		if !c.patient && !c.m.lengths.short(d) {
			return c.again(causeWorks)
		}
		entries, err := c.m.tree.List(d, c.patient)
		if err != nil {
			return fails(c.gate.far(err))
		}
		ordered = order(entries)
		c.m.lengths.note(d, len(ordered))
	}
	size := int(min(uint32(c.value(sysent.Len)), 64<<10))
	out, last := make([]byte, 0, min(size, 32<<10)), pos
	i := sort.Search(len(ordered), func(i int) bool { return ordered[i].offset > pos })
	for ; i < len(ordered); i++ {
		n := appendDirent(out, &ordered[i], c.entry.Name == "getdents64")
		if len(n) > size {
			break
		}
		out, last = n, ordered[i].offset
	}
	if len(out) == 0 {
		if last == pos && pos < endOfList && len(ordered) > 0 && ordered[len(ordered)-1].offset > pos {
			return ptrace.Fail(unix.EINVAL) // the buffer is too small for one
		}
		c.m.streams.end(key)
		return ptrace.Return(0)
	}
	if err := c.thread.Mem.Write(c.value(sysent.BufOut), out); err != nil {
		return fails(err)
	}
	if i == len(ordered) {
		last = endOfList // so that nothing is listed to find that out
		c.m.streams.end(key)
	} else {
		c.m.streams.keep(key, last, ordered)
	}
	if _, err := unix.Seek(fd, last, unix.SEEK_SET); err != nil {
		return fails(err)
	}
	return ptrace.Return(int64(len(out)))
}

// The offsets of entries lie from startOfList to below endOfList, in bytes; which
// every file system takes as a position, and next to none has itself.
const (
	startOfList = 1 << 41
	endOfList   = 1 << 42
)

// placedEntry is an entry with its offset.
type placedEntry struct {
	vfs.Dirent
	offset int64
}

// hashBits keeps the offsets below endOfList.
const hashBits = 38

// order gives entries their offsets: "." and ".." first, the others by a hash of
// the name, with room for a few names of one hash.
func order(entries []vfs.Dirent) []placedEntry {
	out := make([]placedEntry, 0, len(entries))
	for _, e := range entries {
		p := placedEntry{Dirent: e}
		switch e.Name {
		case ".":
			p.offset = startOfList + 1
		case "..":
			p.offset = startOfList + 2
		default:
			h := fnv.New64a()
			h.Write([]byte(e.Name))
			p.offset = startOfList + int64(h.Sum64()>>(64-hashBits))<<2 + 3
		}
		out = append(out, p)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].offset != out[j].offset {
			return out[i].offset < out[j].offset
		}
		return out[i].Name < out[j].Name
	})
	for i := 1; i < len(out); i++ {
		if out[i].offset <= out[i-1].offset {
			out[i].offset = out[i-1].offset + 1
		}
	}
	return out
}

// appendDirent encodes struct linux_dirent64, or linux_dirent with the type in
// its last byte (getdents(2)).
func appendDirent(b []byte, e *placedEntry, is64 bool) []byte {
	header := 18
	if is64 {
		header = 19
	}
	size := (header + len(e.Name) + 1 + 7) &^ 7
	if !is64 {
		size = (header + len(e.Name) + 2 + 7) &^ 7
	}
	at := len(b)
	b = append(b, make([]byte, size)...)
	rec := b[at:]
	binary.NativeEndian.PutUint64(rec, e.Ino)
	binary.NativeEndian.PutUint64(rec[8:], uint64(e.offset))
	binary.NativeEndian.PutUint16(rec[16:], uint16(size))
	copy(rec[header:], e.Name)
	if is64 {
		rec[18] = e.Type
	} else {
		rec[size-1] = e.Type
	}
	return b
}
