package overlayfs

import (
	"errors"
	"io"
	"os"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// copyData makes a new file with the data of another: shared blocks where the
// file system has them, else a copy that keeps holes. A file that may not be
// read can be copied only if there is nothing to read.
func copyData(from, to string, a *vfs.Attr, empty bool) error {
	out, err := hostpath.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	if empty {
		return nil
	}
	in, err := hostpath.OpenFile(from, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if errors.Is(err, unix.EACCES) && a.Size == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	if unix.IoctlFileClone(int(out.Fd()), int(in.Fd())) == nil {
		return out.Close()
	}
	if a.Size == 0 { // or a file of procfs or sysfs, which do not tell
		_, err = io.Copy(out, in)
	} else {
		err = copySparse(in, out, int64(a.Size))
	}
	if err != nil {
		return err
	}
	return out.Close()
}

// copySparse copies what SEEK_DATA finds and leaves the rest a hole.
func copySparse(in, out *os.File, size int64) error {
	if err := out.Truncate(size); err != nil {
		return err
	}
	for at := int64(0); at < size; {
		start, err := in.Seek(at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			return nil // a hole to the end
		}
		end := size
		if err != nil {
			start = at // no SEEK_DATA here
		} else if end, err = in.Seek(start, unix.SEEK_HOLE); err != nil || end > size {
			end = size
		}
		if err := copyRange(in, out, start, end); err != nil {
			return err
		}
		at = end
	}
	return nil
}

func copyRange(in, out *os.File, at, end int64) error {
	for at < end {
		r, w := at, at
		n, err := unix.CopyFileRange(int(in.Fd()), &r, int(out.Fd()), &w, int(min(end-at, 1<<30)), 0)
		if err == unix.EINTR {
			continue
		}
		if err == unix.ENOSPC || err == unix.EDQUOT || err == unix.EIO {
			return err
		}
		if err != nil || n == 0 {
			_, err := io.Copy(io.NewOffsetWriter(out, at), io.NewSectionReader(in, at, end-at))
			return err
		}
		at += int64(n)
	}
	return nil
}
