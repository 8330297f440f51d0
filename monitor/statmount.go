package monitor

import (
	"encoding/binary"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// What statmount(2) may be asked for (include/uapi/linux/mount.h).
const (
	statSuper     = 0x1
	statFrom      = 0x4
	statRoot      = 0x8
	statPoint     = 0x10
	statType      = 0x20
	statOptions   = 0x80
	statSubtype   = 0x100
	statSource    = 0x200
	statSupported = 0x1000

	statAll = statSuper | mountBasic | statFrom | statRoot | statPoint | statType | mountNamespace | statOptions | statSubtype |
		statSource | statSupported
	statStrings = statRoot | statPoint | statType | statOptions | statSubtype | statSource
)

// statmount answers statmount(2), in the order of that in fs/namespace.c.
func (c *call) statmount() ptrace.Verdict {
	if c.flags() != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	id, mask, err := c.mountReq()
	if err != nil {
		return fails(err)
	}
	lines, unique, err := c.visibleMounts()
	if err != nil {
		return fails(err)
	}
	for _, l := range lines {
		if unique.of(l.id) == id {
			return c.tellMount(&l, unique, mask)
		}
	}
	return ptrace.Fail(unix.ENOENT)
}

// tellMount writes a struct statmount as far as there is room; strings are told
// whole or not at all. EOVERFLOW.
func (c *call) tellMount(l *mountLine, unique uniqueIDs, mask uint64) ptrace.Verdict {
	s := statmnt{mask: mask}
	c.numbers(&s, l, unique)
	s.string(statOptions, 4, afterFirst(l.super))
	s.string(statType, 36, l.kind)
	s.string(statRoot, 104, vfs.Escape(l.root))
	s.string(statPoint, 108, vfs.Escape(l.point))
	s.string(statSource, 124, l.source)
	room := c.value(sysent.Len)
	size := sizeofStatmnt
	if mask&statStrings != 0 {
		if size += max(len(s.text), 1); uint64(size) > room {
			return ptrace.Fail(unix.EOVERFLOW)
		}
	}
	put32(s.b[:], uint32(size))
	binary.NativeEndian.PutUint64(s.b[8:], s.has)
	out := append(s.b[:min(uint64(sizeofStatmnt), room):sizeofStatmnt], s.text...)
	return done(c.thread.Mem.Write(c.value(sysent.BufOut), out))
}

// statmnt is a struct statmount in the making.
type statmnt struct {
	b         [sizeofStatmnt]byte
	text      []byte // begins with an empty string, for those that are not there
	mask, has uint64
}

func (s *statmnt) word(at int, v uint64) { binary.NativeEndian.PutUint64(s.b[at:], v) }

func (s *statmnt) string(bit uint64, at int, text string) {
	if s.mask&bit == 0 || text == "" {
		return
	}
	if s.text == nil {
		s.text = []byte{0}
	}
	put32(s.b[at:], uint32(len(s.text)))
	s.text = append(append(s.text, text...), 0)
	s.has |= bit
}

// numbers are what is asked for but the strings.
func (c *call) numbers(s *statmnt, l *mountLine, unique uniqueIDs) {
	s.has = s.mask & (statSuper | mountBasic | statFrom | mountNamespace | statSupported)
	if s.mask&statSuper != 0 {
		major, minor, _ := strings.Cut(l.dev, ":")
		for at, text := range map[int]string{16: major, 20: minor} {
			n, _ := strconv.ParseUint(text, 10, 32)
			put32(s.b[at:], uint32(n))
		}
		s.word(24, c.magic(l))
		if strings.HasPrefix(l.super, "ro") {
			put32(s.b[32:], unix.MS_RDONLY)
		}
	}
	if s.mask&mountBasic != 0 {
		s.word(40, unique.of(l.id))
		s.word(48, unique.of(l.parent))
		put32(s.b[56:], uint32(l.id))
		put32(s.b[60:], uint32(l.parent))
		s.word(64, attrsOf(l.options))
		s.word(72, unix.MS_PRIVATE)
	}
	if s.mask&mountNamespace != 0 {
		for _, id := range unique {
			s.word(112, mountNS(id))
			break
		}
	}
	if s.mask&statSupported != 0 {
		s.word(144, statAll)
	}
}

// magic is the type of the file system of a mount as statfs(2) has it.
func (c *call) magic(l *mountLine) uint64 {
	var st unix.Statfs_t
	for _, s := range c.m.tree.States() {
		if s.ID == l.id {
			st, _ = s.Mount.FS.Statfs(s.Root)
			return uint64(st.Type)
		}
	}
	unix.Statfs(l.host, &st)
	return uint64(st.Type)
}

// attrsOf are the MOUNT_ATTR_ flags for the options that mountinfo tells.
func attrsOf(options string) (a uint64) {
	words := map[string]bool{}
	for w := range strings.SplitSeq(options, ",") {
		words[w] = true
	}
	for word, flag := range map[string]uint64{"ro": unix.MOUNT_ATTR_RDONLY, "nosuid": unix.MOUNT_ATTR_NOSUID, "nodev": unix.MOUNT_ATTR_NODEV,
		"noexec": unix.MOUNT_ATTR_NOEXEC, "noatime": unix.MOUNT_ATTR_NOATIME, "nodiratime": unix.MOUNT_ATTR_NODIRATIME,
		"nosymfollow": unix.MOUNT_ATTR_NOSYMFOLLOW} {
		if words[word] {
			a |= flag
		}
	}
	if !words["noatime"] && !words["relatime"] {
		a |= unix.MOUNT_ATTR_STRICTATIME
	}
	return a
}

// afterFirst are options without the first, which is ro or rw.
func afterFirst(options string) string {
	_, rest, _ := strings.Cut(options, ",")
	return rest
}
