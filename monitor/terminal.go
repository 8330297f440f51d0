package monitor

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// ownTerminal tells of a character device that only the guest itself can open:
// /dev/tty, which is another terminal to each session, and what might become
// the controlling terminal of a session (tty_open_proc_set_tty in
// drivers/tty/tty_jobctrl.c).
func ownTerminal(tgid int, host string, flags int) bool {
	a, err := vfs.HostStatAt(unix.AT_FDCWD, host, 0)
	if err != nil {
		return false
	}
	if a.Rdev_major == 5 && a.Rdev_minor == 0 {
		return true
	}
	return flags&unix.O_NOCTTY == 0 && flags&unix.O_ACCMODE != unix.O_WRONLY && leadsNoTerminal(tgid)
}

// leadsNoTerminal tells of the leader of a session without a controlling
// terminal (proc(5), /proc/[pid]/stat: session and tty_nr).
func leadsNoTerminal(tgid int) bool {
	b, err := os.ReadFile("/proc/" + itoa(tgid) + "/stat")
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	return err == nil && len(f) > 4 && string(f[3]) == strconv.Itoa(tgid) && string(f[4]) == "0"
}
