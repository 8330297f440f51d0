package vfs

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// ReadDirents reads a whole directory from a descriptor of it, with "." and
// "..", in the kernel's order (getdents64(2)).
func ReadDirents(fd int) ([]Dirent, error) {
	var out []Dirent
	buf := make([]byte, 32<<10)
	for {
		n, err := unix.Getdents(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		if n <= 0 {
			return out, nil
		}
		out = appendDirents(out, buf[:n])
	}
}

// appendDirents decodes struct linux_dirent64.
func appendDirents(out []Dirent, b []byte) []Dirent {
	const header = 19
	for len(b) > header {
		size := int(binary.NativeEndian.Uint16(b[16:]))
		if size <= header || size > len(b) {
			break
		}
		name, _, _ := bytes.Cut(b[header:size], []byte{0})
		out = append(out, Dirent{Name: string(name), Ino: binary.NativeEndian.Uint64(b), Type: b[18]})
		b = b[size:]
	}
	return out
}
