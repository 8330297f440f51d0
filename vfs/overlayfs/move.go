package overlayfs

import (
	"errors"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// move is one rename, worked out with mu held exclusively.
type move struct {
	*FS
	exchange bool
	src, dst found
	exists   bool // dst does
	from, to *node
	// The lower layers have something under the old and new name.
	oldBelow, newBelow bool
	newLower           lowerFile
}

func (m *move) find(oldpath, newpath string, flags uint) error {
	var err error
	if m.src, err = m.FS.find(oldpath); err != nil {
		return err
	}
	m.dst, err = m.FS.find(newpath)
	m.exists = err == nil
	if err != nil && !errors.Is(err, unix.ENOENT) {
		return err
	}
	if err := m.hasParent(newpath); err != nil {
		return err
	}
	switch {
	case m.exists && flags&unix.RENAME_NOREPLACE != 0:
		return unix.EEXIST
	case !m.exists && m.exchange:
		return unix.ENOENT
	case oldpath == newpath:
		return nil
	case under(newpath, oldpath):
		return unix.EINVAL
	case under(oldpath, newpath) && m.exchange:
		return unix.EINVAL
	case under(oldpath, newpath):
		return unix.ENOTEMPTY
	case m.src.raw.IsDir() && m.isMount(&m.src):
		return unix.EBUSY
	case !m.exists || m.exchange:
		return nil
	case m.src.raw.IsDir() && !m.dst.raw.IsDir():
		return unix.ENOTDIR
	case !m.src.raw.IsDir() && m.dst.raw.IsDir():
		return unix.EISDIR
	case m.dst.raw.IsDir():
		return m.removable(&m.dst)
	}
	return nil
}

// nothing: both names are of one file (rename(2): "does nothing").
func (m *move) nothing() bool {
	return m.exists && (m.src.path == m.dst.path || idOf(&m.src.raw) == idOf(&m.dst.raw) && !m.src.raw.IsDir())
}

// toRaise is the path of a file that must be copied up first.
func (m *move) toRaise() string {
	if m.src.layer != inUpper && !m.src.raw.IsDir() {
		return m.src.path
	}
	if m.exchange && m.dst.layer != inUpper && !m.dst.raw.IsDir() {
		return m.dst.path
	}
	return ""
}

func (m *move) run() error {
	if err := m.prepare(); err != nil {
		return err
	}
	var err error
	switch {
	case m.exchange:
		err = m.swap()
	case m.src.raw.IsDir():
		err = m.dir()
	default:
		err = m.file()
	}
	if err != nil {
		return err
	}
	if m.src.raw.IsDir() || m.exchange {
		m.tell(m.src.path)
		m.tell(m.dst.path)
	}
	return nil
}

// prepare copies up the directories and finds what lies below both names.
func (m *move) prepare() error {
	var err error
	dir, base := split(m.src.path)
	if m.from, err = m.upperDir(dir); err != nil {
		return err
	}
	at := place{path: m.src.path, node: m.from, at: len(m.src.path) - len(base) - 1, rest: "/" + base}
	_, err = m.below(&at)
	if m.oldBelow = err == nil; err != nil && !isNone(err) {
		return err
	}
	dir, base = split(m.dst.path)
	if m.to, err = m.upperDir(dir); err != nil {
		return err
	}
	if m.from.dev != m.to.dev {
		return unix.EXDEV
	}
	at = place{path: m.dst.path, node: m.to, at: len(m.dst.path) - len(base) - 1, rest: "/" + base}
	m.newLower, err = m.below(&at)
	if m.newBelow = err == nil; err != nil && !isNone(err) {
		return err
	}
	if err := m.fit(&m.src, m.to); err != nil {
		return err
	}
	if m.exchange {
		return m.fit(&m.dst, m.from)
	}
	return nil
}

// fit readies a file for another directory: one that merges takes its lower
// path with it, any other must not begin to merge.
func (m *move) fit(r *found, into *node) error {
	if !r.raw.IsDir() {
		return m.cameInto(into, &r.raw, r.host)
	}
	n, err := m.upperDir(r.path)
	if err != nil {
		return err
	}
	host := m.upper(r.path)
	if n.pure() {
		if into.pure() {
			return nil
		}
		n.opaque = true
		return setMark(host, xattrOpaque, "y")
	}
	if !n.redirect {
		if err := m.redirect(n, r, host); err != nil {
			return err
		}
	}
	return m.markImpure(into)
}

func (m *move) redirect(n *node, r *found, host string) error {
	if err := setMark(host, xattrRedirect, n.lpath); err != nil {
		return unix.EXDEV // too long for the file system: mv(1) copes
	}
	n.redirect = true
	m.redirects[n.lpath] = n
	up, err := vfs.HostLstat(host)
	if err != nil {
		return err
	}
	low, err := vfs.HostLstat(n.lowers[0].host)
	if err != nil {
		return err
	}
	o := m.originOf(r.path, &low, n.lowers[0].host, &up)
	o.Redirect = true
	return m.origins.add(o)
}
