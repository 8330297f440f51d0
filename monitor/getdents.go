package monitor

import (
	"encoding/binary"
	"hash/fnv"
	"sort"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
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
		if e := c.pathOnly(fd); e != 0 {
			return ptrace.Fail(e)
		}
		return ptrace.Fail(unix.ENOENT) // removed, but the layer below still has it
	}
	if err != nil {
		return ptrace.Pass() // not of the view
	}
	rec, err := c.record(d)
	stand := rec.Flags&vfs.StandIns != 0
	if err != nil || rec.Class != vfs.ClassMerged && rec.Class != vfs.ClassVirtual && !stand {
		return ptrace.Pass()
	}
	key := listKey{c.task.tgid, fd, a.Dev(), a.Ino}
	old := stand || rec.Dev != a.Dev() || rec.Ino != a.Ino // opened before it was merged
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
	list, form := listOf(c.abi()), c.direntForm()
	if pos == list.end {
		return ptrace.Return(0)
	}
	ordered, known := c.m.streams.at(key, pos)
	if !known && old && pos != 0 && pos < list.start {
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
		ordered = list.order(entries)
		c.m.lengths.note(d, len(ordered))
	}
	size := int(min(uint32(c.value(sysent.Len)), 64<<10))
	if form.one {
		size = longestOldDirent
	}
	out, last := make([]byte, 0, min(size, 32<<10)), pos
	i := sort.Search(len(ordered), func(i int) bool { return ordered[i].offset > pos })
	for ; i < len(ordered) && !(form.one && len(out) > 0); i++ {
		if form.abi == arch.ABI32 && ordered[i].Ino>>32 != 0 {
			if len(out) == 0 {
				return ptrace.Fail(unix.EOVERFLOW)
			}
			break
		}
		n := form.append(out, &ordered[i])
		if len(n) > size {
			break
		}
		out, last = n, ordered[i].offset
	}
	if len(out) == 0 {
		if last == pos && pos < list.end && len(ordered) > 0 && ordered[len(ordered)-1].offset > pos {
			return ptrace.Fail(unix.EINVAL) // the buffer is too small for one
		}
		c.m.streams.end(key)
		return ptrace.Return(0)
	}
	if err := c.thread.Mem.Write(c.value(sysent.BufOut), out); err != nil {
		return fails(err)
	}
	if i == len(ordered) {
		last = list.end // so that nothing is listed to find that out
		c.m.streams.end(key)
	} else {
		c.m.streams.keep(key, last, ordered)
	}
	if _, err := unix.Seek(fd, last, unix.SEEK_SET); err != nil {
		return fails(err)
	}
	if form.one {
		return ptrace.Return(1)
	}
	return ptrace.Return(int64(len(out)))
}

// listing is where the offsets of entries lie, in bytes; which every file system
// takes as a position, and next to none has itself. bits of a hash keep them below
// the end.
type listing struct {
	start, end int64
	bits       int
}

// listOf: a 32-bit program has no more for an offset.
func listOf(abi arch.ABI) listing {
	if abi == arch.ABI32 {
		return listing{1 << 30, 1<<31 - 1, 27}
	}
	return listing{1 << 41, 1 << 42, 38}
}

// placedEntry is an entry with its offset.
type placedEntry struct {
	vfs.Dirent
	offset int64
}

// order gives entries their offsets: "." and ".." first, the others by a hash of
// the name, with room for a few names of one hash.
func (l listing) order(entries []vfs.Dirent) []placedEntry {
	out := make([]placedEntry, 0, len(entries))
	for _, e := range entries {
		p := placedEntry{Dirent: e}
		switch e.Name {
		case ".":
			p.offset = l.start + 1
		case "..":
			p.offset = l.start + 2
		default:
			h := fnv.New64a()
			h.Write([]byte(e.Name))
			p.offset = l.start + int64(h.Sum64()>>(64-l.bits))<<2 + 3
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

// direntForm is how entries lie in the buffer (getdents(2), readdir(2)): struct
// linux_dirent64; or linux_dirent, in words, with the type in the last byte; or
// one old_linux_dirent.
type direntForm struct {
	is64, one bool
	abi       arch.ABI // of the words
}

// longestOldDirent is its size with the longest name, in bytes.
const longestOldDirent = 10 + 255 + 1

func (c *call) direntForm() direntForm {
	f := direntForm{is64: c.entry.Name == "getdents64", one: c.entry.Name == "readdir"}
	if !f.is64 {
		f.abi = c.abi()
	}
	return f
}

// append encodes an entry.
func (f direntForm) append(b []byte, e *placedEntry) []byte {
	word, at := f.abi.Word(), len(b)
	header := 2*word + 2
	size := (header + len(e.Name) + 2 + word - 1) &^ (word - 1)
	switch {
	case f.is64:
		header++
		size = (header + len(e.Name) + 1 + 7) &^ 7
	case f.one:
		size = header + len(e.Name) + 1
	}
	b = append(b, make([]byte, size)...)
	rec := b[at:]
	f.abi.Put(rec, 0, e.Ino)
	f.abi.Put(rec, 1, uint64(e.offset))
	binary.NativeEndian.PutUint16(rec[2*word:], uint16(size))
	copy(rec[header:], e.Name)
	switch {
	case f.is64:
		rec[header-1] = e.Type
	case f.one:
		binary.NativeEndian.PutUint16(rec[2*word:], uint16(len(e.Name)))
	default:
		rec[size-1] = e.Type
	}
	return b
}
