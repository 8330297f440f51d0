package monitor

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// hostOfFD is the text of the link of a descriptor in procfs, "" if there is
// none.
func (c *call) hostOfFD(fd int, buf []byte) string {
	n, err := unix.Readlink(c.procFD(fd), buf)
	if err != nil || n == 0 || buf[0] != '/' {
		return ""
	}
	return string(buf[:n])
}

// pathOnly refuses what fchmod(2) and its like refuse: O_PATH descriptors. The
// mode of the link in procfs tells what the descriptor was opened for.
func (c *call) pathOnly(fd int) unix.Errno {
	a, err := vfs.HostLstat(c.procFD(fd))
	if err != nil || a.Perm() == 0 && c.descriptorFlags(fd)&unix.O_PATH != 0 {
		return unix.EBADF
	}
	return 0
}

// descriptorFlags are what a descriptor was opened with; O_PATH if that cannot be
// told.
func (c *call) descriptorFlags(fd int) int {
	flags, ok := openFlagsOf(c.task.tid, strconv.Itoa(fd))
	if !ok {
		return unix.O_PATH
	}
	return flags
}

// openFlagsOf are the flags of a task's descriptor (proc_pid_fdinfo(5)).
func openFlagsOf(tid int, fd string) (int, bool) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/fdinfo/" + fd)
	if err != nil {
		return 0, false
	}
	_, rest, _ := strings.Cut(string(b), "flags:")
	line, _, _ := strings.Cut(rest, "\n")
	flags, err := strconv.ParseUint(strings.TrimSpace(line), 8, 64)
	return int(flags), err == nil
}
