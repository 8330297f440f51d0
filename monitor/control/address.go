package control

import (
	"net"
	"strconv"

	"golang.org/x/sys/unix"
)

const suffix = ".sock"

// address calls f with the address of a monitor's socket: by way of its
// directory's descriptor, for a path may be too long for an address (unix(7)),
// and what a socket was bound to everybody reads in /proc/net/unix.
func address(dir string, pid int, f func(*net.UnixAddr) error) error {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return f(&net.UnixAddr{Name: "/proc/self/fd/" + strconv.Itoa(fd) + "/" + strconv.Itoa(pid) + suffix, Net: "unix"})
}
