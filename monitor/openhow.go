package monitor

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/vfs"
)

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

// resolveCached is RESOLVE_CACHED (include/uapi/linux/openat2.h).
const resolveCached = 0x20

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
