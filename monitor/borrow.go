package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
)

// borrow duplicates a descriptor of the guest; the open file description is
// shared. By the thread itself, since the leader may have gone.
func (c *call) borrow(fd int) (int, error) {
	mine, err := ptrace.Borrow(c.task.tid, fd)
	if err == unix.EINVAL && c.task.tid != c.task.tgid {
		return ptrace.Borrow(c.task.tgid, fd)
	}
	return mine, err
}
