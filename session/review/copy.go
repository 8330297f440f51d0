package review

import (
	"io"
	"os"

	"github.com/veduta/veduta/hostpath"
	"golang.org/x/sys/unix"
)

// copyData copies a file's data into an empty file: shared where the file system
// can (FICLONE), else by copy_file_range(2), holes left out.
func copyData(dst, src *os.File) error {
	if unix.IoctlFileClone(int(dst.Fd()), int(src.Fd())) == nil {
		return nil
	}
	st, err := src.Stat()
	if err != nil {
		return err
	}
	for at := int64(0); at < st.Size(); {
		from, err := unix.Seek(int(src.Fd()), at, unix.SEEK_DATA)
		if err == unix.ENXIO {
			break // nothing but a hole is left
		}
		to := st.Size()
		if err != nil {
			from = at // a file system that knows no holes
		} else if to, err = unix.Seek(int(src.Fd()), from, unix.SEEK_HOLE); err != nil {
			to = st.Size()
		}
		if err := copyRange(dst, src, from, to); err != nil {
			return err
		}
		at = to
	}
	return dst.Truncate(st.Size())
}

func copyRange(dst, src *os.File, from, to int64) error {
	r, w := from, from
	for r < to {
		n, err := unix.CopyFileRange(int(src.Fd()), &r, int(dst.Fd()), &w, int(min(to-r, 1<<30)), 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return copyPlain(dst, src, r, to)
		}
	}
	return nil
}

func copyPlain(dst, src *os.File, from, to int64) error {
	_, err := io.Copy(io.NewOffsetWriter(dst, from), io.NewSectionReader(src, from, to-from))
	return err
}

// copyFile makes a file of mode 0600 with the data of another.
func copyFile(dst, src string) error {
	from, err := hostpath.OpenFile(src, os.O_RDONLY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := hostpath.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = copyData(to, from)
	if e := to.Close(); err == nil {
		err = e
	}
	return err
}
