package owner

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const xattrInode = "user.veduta.inode"

// encodeInode writes a mode with its type, and the number of a device.
func encodeInode(mode uint32, rdev uint64) string {
	if !isDevice(mode) {
		return strconv.FormatUint(uint64(mode), 8)
	}
	return fmt.Sprintf("%o:%d:%d", mode, unix.Major(rdev), unix.Minor(rdev))
}

func decodeInode(s string) (mode uint32, rdev uint64, ok bool) {
	m, dev, device := strings.Cut(s, ":")
	v, err := strconv.ParseUint(m, 8, 16)
	if err != nil || v&unix.S_IFMT == 0 || device != isDevice(uint32(v)) {
		return 0, 0, false
	}
	if !device {
		return uint32(v), 0, true
	}
	maj, min, _ := strings.Cut(dev, ":")
	a, err1 := strconv.ParseUint(maj, 10, 32)
	b, err2 := strconv.ParseUint(min, 10, 32)
	if err1 != nil || err2 != nil {
		return 0, 0, false
	}
	return uint32(v), unix.Mkdev(uint32(a), uint32(b)), true
}

func isDevice(mode uint32) bool {
	t := mode & unix.S_IFMT
	return t == unix.S_IFCHR || t == unix.S_IFBLK
}

// backing is the mode of a backing file that is to show mode: open for its
// owner, without set-id bits, and a plain file in place of a device.
func backing(mode uint32) uint32 {
	t, perm := mode&unix.S_IFMT, mode&0o1777
	switch t {
	case unix.S_IFDIR:
		return t | perm | 0o700
	case unix.S_IFLNK:
		return mode
	case unix.S_IFCHR, unix.S_IFBLK:
		return unix.S_IFREG | perm | 0o600
	}
	return t | perm | 0o600
}
