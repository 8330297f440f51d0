package control

import (
	"net"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

const (
	suffix     = ".sock"
	sunPathMax = 108 // room in struct sockaddr_un, bytes (unix(7))
)

// address calls f with the address of a monitor's socket, by way of its
// directory's descriptor where its path is too long for one.
func address(dir string, pid int, f func(*net.UnixAddr) error) error {
	name := strconv.Itoa(pid) + suffix
	path := filepath.Join(dir, name)
	if len(path) < sunPathMax {
		return f(&net.UnixAddr{Name: path, Net: "unix"})
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return f(&net.UnixAddr{Name: "/proc/self/fd/" + strconv.Itoa(fd) + "/" + name, Net: "unix"})
}
