package monitor

import (
	"bytes"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

// Sizes in bytes of structs that may grow: as they were first, and as they are
// known here (include/uapi/linux/openat2.h, xattr.h, sched.h).
const (
	sizeofOpenHow   = 24
	sizeofXattrArgs = 16
	cloneArgsLeast  = 64
	sizeofCloneArgs = 88
)

// versioned copies a struct of whose size the call tells; it is good until the next
// str. Of what is longer than the version that is known nothing may be set
// (copy_struct_from_user in include/linux/uaccess.h). EINVAL, E2BIG, EFAULT.
func (c *call) versioned(addr uint64, known int) ([]byte, error) {
	b, err := c.structure(addr, known, known)
	if err == nil && set(b[known:]) {
		return nil, unix.E2BIG
	}
	return b, err
}

// structure is versioned for a struct of which more than is known may be set.
func (c *call) structure(addr uint64, least, known int) ([]byte, error) {
	size := c.value(sysent.Len)
	switch {
	case size < uint64(least):
		return nil, unix.EINVAL
	case size > ptrace.PathMax:
		return nil, unix.E2BIG
	}
	b := c.buf[:size]
	switch n := c.thread.Mem.ReadSome(addr, b); {
	case n == len(b):
		return b, nil
	case n > known && set(b[known:n]): // the kernel looks there first
		return nil, unix.E2BIG
	}
	return nil, unix.EFAULT
}

// set tells whether a bit is.
func set(b []byte) bool { return len(bytes.Trim(b, "\x00")) > 0 }
