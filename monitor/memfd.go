package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// largeFile is O_LARGEFILE of 32-bit programs (include/uapi/asm-generic/fcntl.h): a
// memfd has it whoever makes it (mm/memfd.c), what they open only if they say so.
const largeFile = 0o100000

// memfd makes a memfd for a guest that has come to other ids than it began with:
// to the kernel it would belong to the real user.
func (c *call) memfd() ptrace.Verdict {
	who, first := c.owner(), c.m.initial
	if c.m.tree == nil || who.UID == first.FSUID && who.GID == first.FSGID {
		return ptrace.Pass()
	}
	name, err := c.str(sysent.Name)
	if err != nil {
		return ptrace.Pass() // the kernel looks at the flags first
	}
	flags := c.flags()
	fd, err := unix.MemfdCreate(string(name), flags|unix.MFD_CLOEXEC)
	if err != nil {
		return fails(err)
	}
	s := vfs.SetAttr{Valid: vfs.SetUID | vfs.SetGID, UID: who.UID, GID: who.GID}
	if err := c.m.tree.Systems()[0].FS.SetAttrFD("/proc/self/fd/"+itoa(fd), s); err != nil {
		unix.Close(fd)
		return fails(err)
	}
	how := unix.O_RDWR
	if c.abi() == arch.ABI32 {
		how |= largeFile
	}
	if flags&unix.MFD_CLOEXEC != 0 {
		how |= unix.O_CLOEXEC
	}
	return ptrace.ReturnFD(fd, how, "")
}
