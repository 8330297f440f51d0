package review

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/overlayfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

// Attributes of the upper layer (Documentation/filesystems/overlayfs.rst).
const (
	xattrWhiteout = "user.overlay.whiteout"
	xattrOpaque   = "user.overlay.opaque"
	xattrRedirect = "user.overlay.redirect"
	xattrMetacopy = "user.overlay.metacopy"
)

// identity is an inode for its whole life; a birth time of 0 is unknown.
type identity struct {
	Dev   uint64 `json:"dev"`
	Ino   uint64 `json:"ino"`
	Btime int64  `json:"btime,omitempty"`
}

func identityOf(a *vfs.Attr) identity {
	id := identity{Dev: a.Dev(), Ino: a.Ino}
	if a.Mask&unix.STATX_BTIME != 0 {
		id.Btime = nanos(a.Btime)
	}
	return id
}

func nanos(t unix.StatxTimestamp) int64 { return t.Sec*1e9 + int64(t.Nsec) }

// node is one file of the upper layer.
type node struct {
	path  string   // real path that it stands for
	upper string   // host path of the file
	id    identity // of the file
	raw   vfs.Attr // as the backing file has them
	attr  vfs.Attr // as the view shows them

	whiteout bool
	opaque   bool
	metacopy bool   // the data are those of the lower file
	redirect string // as the attribute has it; "" if there is none
	from     string // real path that a rename took it from
	parent   *node
	kids     []*node
}

// covered tells whether the node lies in an opaque directory, so that without it
// the view would show nothing at its path.
func (n *node) covered() bool { return n.cover() != nil }

// cover is the topmost opaque directory that the node lies in.
func (n *node) cover() *node {
	var top *node
	for d := n.parent; d != nil; d = d.parent {
		if d.opaque {
			top = d
		}
	}
	return top
}

// reader reads upper layers.
type reader struct{ owners *owner.Store }

// read reads the tree of a layer.
func (r reader) read(l layer) (*node, error) {
	n, err := r.node(l.upper, l.lower)
	if err != nil {
		return nil, err
	}
	return n, r.fill(n)
}

// fill reads what is in a directory, at any depth.
func (r reader) fill(n *node) error {
	entries, err := hostpath.ReadDir(n.upper)
	if err != nil {
		return fmt.Errorf("upper layer: %w", err)
	}
	for _, e := range entries {
		kid, err := r.node(n.upper+"/"+e.Name(), path.Join(n.path, e.Name()))
		if errors.Is(err, unix.ENOENT) {
			continue // removed meanwhile
		}
		if err != nil {
			return err
		}
		if kid.attr.IsDir() && !kid.whiteout {
			if err := r.fill(kid); err != nil {
				return err
			}
		}
		kid.parent = n
		n.kids = append(n.kids, kid)
	}
	slices.SortFunc(n.kids, func(a, b *node) int { return strings.Compare(a.path, b.path) })
	return nil
}

func (r reader) node(upper, real string) (*node, error) {
	raw, err := vfs.HostLstat(upper)
	if err != nil {
		return nil, fmt.Errorf("upper layer: %s: %w", upper, err)
	}
	n := &node{path: real, upper: upper, raw: raw, attr: raw, id: identityOf(&raw)}
	n.mark()
	if n.whiteout {
		return n, nil
	}
	if err := r.owners.Fix(&n.attr, upper); err != nil {
		return nil, fmt.Errorf("upper layer: %s: %w", upper, err)
	}
	return n, nil
}

// mark finds what the file means to the overlay.
func (n *node) mark() {
	switch n.raw.Kind() {
	case unix.S_IFCHR:
		n.whiteout = n.raw.Rdev() == 0
	case unix.S_IFDIR:
		n.opaque = lget(n.upper, xattrOpaque) == "y"
		n.redirect = lget(n.upper, xattrRedirect)
	case unix.S_IFREG:
		n.whiteout = n.raw.Size == 0 && lhas(n.upper, xattrWhiteout)
		n.metacopy = !n.whiteout && lhas(n.upper, xattrMetacopy)
		if n.metacopy {
			n.redirect = lget(n.upper, xattrRedirect)
		}
	}
}

// source is the real path that a redirect leads to; through is the directory
// below the node's parent.
func (n *node) source(l layer, through string) string {
	to, ok := overlayfs.Redirect(n.redirect, through)
	switch {
	case !ok:
		return ""
	case path.IsAbs(n.redirect):
		return path.Join(l.lower, to)
	case through == "":
		return ""
	}
	return to
}

func lget(path, name string) string {
	var buf [unix.PathMax]byte
	n, err := hostpath.Lgetxattr(path, name, buf[:])
	if err != nil {
		return ""
	}
	return string(buf[:n])
}

func lhas(path, name string) bool {
	_, err := hostpath.Lgetxattr(path, name, nil)
	return err == nil
}
