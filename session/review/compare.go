package review

import (
	"bytes"
	"io"
	"os"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// compare notes what differs between a node and the real file at c.base, of
// the same type, whose attributes are low.
func (w *walker) compare(c *Change, low *vfs.Attr) {
	c.OldSize = size(low)
	c.content(low)
	if !low.IsLink() && low.Perm() != c.Mode {
		c.ModeChange = &ModeChange{Old: low.Perm(), New: c.Mode}
	}
	if low.Uid != c.UID || low.Gid != c.GID {
		c.OwnerChange = &OwnerChange{OldUID: low.Uid, OldGID: low.Gid, NewUID: c.UID, NewGID: c.GID}
	}
	c.XattrChange = w.xattrs(c, low)
	// A directory's times move with what is in it.
	if old, now := nanos(low.Mtime), nanos(c.n.attr.Mtime); old != now && !low.IsDir() {
		c.TimesChange = &TimesChange{Old: old, New: now}
	}
}

// differs tells whether compare found anything.
func (c *Change) differs() bool {
	return c.Content || c.ModeChange != nil || c.OwnerChange != nil || len(c.XattrChange) > 0 || c.TimesChange != nil || c.Unseen
}

func (c *Change) content(low *vfs.Attr) {
	switch low.Kind() {
	case unix.S_IFREG:
		if c.n.metacopy {
			return
		}
		same, err := sameData(c.n.upper, c.base, c.Size, c.OldSize)
		c.Content, c.Unseen = !same, err != nil
	case unix.S_IFLNK:
		target, err := hostpath.Target(c.base)
		c.Unseen = err != nil
		c.OldTarget = session.Path(target)
		c.Content = c.OldTarget != c.Target
	case unix.S_IFCHR, unix.S_IFBLK:
		c.Content = low.Rdev() != c.Rdev
	}
}

// sameData compares two files; an error means that the real one can't be read.
func sameData(upper, real string, size, old int64) (bool, error) {
	if size != old {
		return false, nil
	}
	a, err := hostpath.OpenFile(upper, os.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false, err
	}
	defer a.Close()
	b, err := hostpath.OpenFile(real, os.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false, err
	}
	defer b.Close()
	return sameStream(a, b)
}

func sameStream(a, b io.Reader) (bool, error) {
	x, y := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(a, x)
		m, err2 := io.ReadFull(b, y)
		if !bytes.Equal(x[:n], y[:m]) {
			return false, nil
		}
		if ended(err) && ended(err2) {
			return true, nil
		}
		if err != nil && !ended(err) {
			return false, err
		}
		if err2 != nil && !ended(err2) {
			return false, err2
		}
	}
}

func ended(err error) bool { return err == io.EOF || err == io.ErrUnexpectedEOF }
