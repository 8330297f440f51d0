package vfs

import "golang.org/x/sys/unix"

// Creates tells whether the open makes the file if there is none.
func (h How) Creates() bool { return h.Flags&unix.O_CREAT != 0 && h.Flags&unix.O_PATH == 0 }

// Tmpfile tells whether the open makes a file without a name in a directory.
func (h How) Tmpfile() bool { return h.Flags&unix.O_TMPFILE == unix.O_TMPFILE }

// Refuses is what open(2) answers for the flags when the last component is an
// existing file of that type (unix.S_IFMT values) and is not followed; nil if
// the open goes on.
func (h How) Refuses(kind uint32) error {
	path := h.Flags&unix.O_PATH != 0
	switch {
	case h.Creates() && h.Flags&unix.O_EXCL != 0:
		return unix.EEXIST
	case h.Creates() && kind == unix.S_IFDIR:
		return unix.EISDIR
	case h.Flags&unix.O_DIRECTORY != 0 && kind != unix.S_IFDIR:
		return unix.ENOTDIR
	case path:
		return nil
	case kind == unix.S_IFLNK:
		return unix.ELOOP
	case kind == unix.S_IFDIR && !h.Tmpfile() && h.Writes():
		return unix.EISDIR
	case kind == unix.S_IFSOCK:
		return unix.ENXIO
	}
	return nil
}
