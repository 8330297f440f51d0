package owner

import (
	"strings"

	"github.com/veduta/veduta/hostpath"
	"golang.org/x/sys/unix"
)

// A path below /proc is a magic link that must be followed to the file it
// stands for; any other path is the file itself, even if it is a link.
func magic(path string) bool { return strings.HasPrefix(path, "/proc/") }

func getxattr(path, name string, buf []byte) (int, error) {
	if magic(path) {
		return unix.Getxattr(path, name, buf)
	}
	return hostpath.Lgetxattr(path, name, buf)
}

func setxattr(path, name string, value []byte, flags int) error {
	if magic(path) {
		return unix.Setxattr(path, name, value, flags)
	}
	return hostpath.Lsetxattr(path, name, value, flags)
}

func removexattr(path, name string) error {
	if magic(path) {
		return unix.Removexattr(path, name)
	}
	return hostpath.Lremovexattr(path, name)
}

func listxattr(path string, buf []byte) (int, error) {
	if magic(path) {
		return unix.Listxattr(path, buf)
	}
	return hostpath.Llistxattr(path, buf)
}

// readxattr gets a whole value, however it grows in between.
func readxattr(path, name string) ([]byte, error) {
	buf := make([]byte, 256)
	for {
		n, err := getxattr(path, name, buf)
		if err == unix.ERANGE && len(buf) < 64<<10 {
			buf = make([]byte, 64<<10)
			continue
		}
		if err != nil {
			return nil, err
		}
		return buf[:n], nil
	}
}

// readNames gets the names of all attributes of the backing file.
func readNames(path string) ([]string, error) {
	buf := make([]byte, 1024)
	for {
		n, err := listxattr(path, buf)
		if err == unix.ERANGE && len(buf) < 64<<10 {
			buf = make([]byte, 64<<10)
			continue
		}
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, nil
		}
		return strings.Split(strings.TrimSuffix(string(buf[:n]), "\x00"), "\x00"), nil
	}
}
