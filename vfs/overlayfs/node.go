package overlayfs

import (
	"errors"
	"path"
	"strings"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// node is a directory of the upper layer. Every upper directory below a merging
// one has a node; below a pure one (without lowers) only those that this
// overlay has seen need one.
type node struct {
	parent *node
	name   string
	lpath  string     // its path in the lower layers
	lowers []lowerDir // what it merges with, top first; none: pure
	id     fileID     // the upper directory
	low    fileID     // the top one of lowers
	dev    uint64     // the device that files in it show

	opaque   bool // user.overlay.opaque is "y"
	xwhite   bool // user.overlay.opaque is "x": whiteouts may be plain files
	impure   bool // user.overlay.impure: holds files that came from below
	nodes    bool // user.veduta.nodes: holds devices that are plain files
	redirect bool // user.overlay.redirect: lpath is not by its place

	loaded bool
	kids   map[string]*node
	// covered are names that upper may have as something else than a
	// directory, so that no lower directory shows through.
	covered map[string]struct{}
	// tombs are names whose whiteout has been taken away for a file that a
	// guest is about to create.
	tombs map[string]struct{}
}

// lowerDir is a directory of a lower layer.
type lowerDir struct {
	host  string // "" is "/"
	layer int
}

func (n *node) pure() bool { return len(n.lowers) == 0 }

// path is where the view has the directory.
func (n *node) path() string {
	if n.parent == nil {
		return "/"
	}
	return join(n.parent.path(), n.name)
}

func join(dir, name string) string {
	if dir == "/" {
		return "/" + name
	}
	return dir + "/" + name
}

// split gives parent and last name of a path of the view.
func split(p string) (dir, name string) {
	i := strings.LastIndexByte(p, '/')
	if i == 0 {
		return "/", p[1:]
	}
	return p[:i], p[i+1:]
}

// readMarks reads the overlay's attributes of an upper directory.
func (n *node) readMarks(host string) (redirect string) {
	switch getMark(host, xattrOpaque) {
	case "y":
		n.opaque = true
	case "x":
		n.xwhite = true
	}
	n.impure = getMark(host, xattrImpure) == "y"
	n.nodes = n.impure && getMark(host, xattrNodes) == "y"
	return getMark(host, xattrRedirect)
}

// adopt enters a node into the indexes.
func (f *FS) adopt(n *node) {
	switch {
	case !n.pure():
		n.dev = n.low.dev
		f.merged[n.id], f.covers[n.low] = n, n
	case n.parent != nil:
		n.dev = n.parent.dev
	default:
		n.dev = n.low.dev
	}
	if n.dev != f.upperDev {
		f.foreign.Store(true)
	}
	if n.redirect {
		f.redirects[n.lpath] = n
	}
	if n.parent != nil {
		n.parent.kids[n.name] = n
		delete(n.parent.covered, n.name)
		delete(n.parent.tombs, n.name)
	}
}

// forget takes a node and what is below it out of the tree.
func (f *FS) forget(n *node) {
	for _, k := range n.kids {
		f.forget(k)
	}
	if f.merged[n.id] == n {
		delete(f.merged, n.id)
	}
	if f.covers[n.low] == n {
		delete(f.covers, n.low)
	}
	if f.redirects[n.lpath] == n {
		delete(f.redirects, n.lpath)
	}
	if n.parent != nil {
		delete(n.parent.kids, n.name)
	}
}

// enter makes the node of an upper directory that exists.
func (f *FS) enter(parent *node, name, host string) (*node, error) {
	a, err := vfs.HostLstat(host)
	if err != nil {
		return nil, err
	}
	n := &node{parent: parent, name: name, id: idOf(&a), lpath: path.Join(parent.lpath, name)}
	if to, ok := Redirect(n.readMarks(host), parent.lpath); ok {
		n.lpath, n.redirect = to, true
	}
	if err := f.findLowers(n); err != nil {
		return nil, err
	}
	f.adopt(n)
	return n, nil
}

func (f *FS) findLowers(n *node) error {
	var below lowerFile
	var err error
	switch {
	case n.opaque:
		return nil
	case n.redirect:
		below, err = f.lower(f.root.lowers, n.lpath)
	case n.parent.pure():
		return nil
	default:
		below, err = f.lower(n.parent.lowers, "/"+n.name)
	}
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	if err != nil {
		return err
	}
	if below.raw.IsDir() {
		n.lowers, n.low = below.dirs, idOf(&below.raw)
	}
	return nil
}

// load reads which directories there are in an upper directory; mu is held
// exclusively.
func (f *FS) load(n *node, p string) error {
	if n.loaded {
		return nil
	}
	list, err := peekDir(f.upper(p))
	if err != nil {
		return err
	}
	n.kids, n.covered, n.tombs = map[string]*node{}, map[string]struct{}{}, map[string]struct{}{}
	n.loaded = true
	for _, e := range list {
		if e.Name == "." || e.Name == ".." {
			continue
		}
		if e.Type != unix.DT_DIR {
			n.covered[e.Name] = struct{}{}
			continue
		}
		if _, err := f.enter(n, e.Name, f.upper(join(p, e.Name))); err != nil && !errors.Is(err, unix.ENOENT) {
			return err
		}
	}
	return nil
}

// loadAll loads every node: a renamed directory may be anywhere.
func (f *FS) loadAll(n *node, p string) error {
	if err := f.load(n, p); err != nil {
		return err
	}
	for name, k := range n.kids {
		if err := f.loadAll(k, join(p, name)); err != nil {
			return err
		}
	}
	return nil
}

// reader is readDir or peekDir.
type reader func(host string) ([]vfs.Dirent, error)

// readDir reads a directory for the guest, which moves its access time.
func readDir(host string) ([]vfs.Dirent, error) { return readDirents(host, 0) }

// peekDir reads a directory for ourselves: without a trace, if it is our user's.
func peekDir(host string) ([]vfs.Dirent, error) {
	list, err := readDirents(host, unix.O_NOATIME)
	if errors.Is(err, unix.EPERM) {
		return readDirents(host, 0)
	}
	return list, err
}

func readDirents(host string, flags int) ([]vfs.Dirent, error) {
	d, err := hostpath.OpenFile(host, flags|unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return vfs.ReadDirents(int(d.Fd()))
}
