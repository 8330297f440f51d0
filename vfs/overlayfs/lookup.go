package overlayfs

import (
	"errors"
	"strings"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// errLoad asks for a node to be loaded or looked at anew, for which the lock
// must be held exclusively.
var errLoad = errors.New("overlay: node to load")

// place is where a path leads to in the tree of nodes.
type place struct {
	path string
	node *node  // the deepest upper directory known on the way
	at   int    // node is at path[:at]
	rest string // what is left below node, "" if path is node's
}

// one tells that rest is one name.
func (p *place) one() bool { return strings.IndexByte(p.rest[1:], '/') < 0 }

// dir is the path of the node.
func (p *place) dir() string {
	if p.at == 0 {
		return "/"
	}
	return p.path[:p.at]
}

// locate descends the nodes along a path; errLoad with the node to load.
func (f *FS) locate(path string) (place, error) {
	p := place{path: path, node: f.root}
	for {
		if p.rest = path[p.at:]; p.rest == "" || p.rest == "/" {
			p.rest = ""
			return p, nil
		}
		if !p.node.loaded {
			return p, errLoad
		}
		name, _, _ := strings.Cut(p.rest[1:], "/")
		kid := p.node.kids[name]
		if kid == nil {
			return p, nil
		}
		p.node, p.at = kid, p.at+1+len(name)
	}
}

// found is a file of the view.
type found struct {
	place
	host  string // of the file that is shown
	raw   vfs.Attr
	dirs  []lowerDir // of a lower directory
	layer layer
}

type layer int

const (
	inUpper layer = iota
	inLower
	// inIndex: the name is the lower layer's, the file has been copied up
	// under another of its names.
	inIndex
)

// lookup finds what the view has at a path. With mu shared it may answer
// errLoad; settled must have been called for the place then.
func (f *FS) lookup(path string) (found, error) {
	p, err := f.locate(path)
	r := found{place: p}
	if err != nil {
		return r, err
	}
	if p.rest == "" {
		return f.lookupNode(r)
	}
	name, _, more := strings.Cut(p.rest[1:], "/")
	if !more || p.node.pure() {
		err := f.lookupUpper(&r)
		if err == nil || !errors.Is(err, unix.ENOENT) || p.node.pure() || r.raw.Mask != 0 {
			return r, err
		}
	}
	if _, dead := p.node.tombs[name]; dead {
		return r, unix.ENOENT
	}
	if _, dead := p.node.covered[name]; dead && more {
		return r, unix.ENOENT
	}
	return r, f.lookupLower(&r)
}

func (f *FS) lookupNode(r found) (found, error) {
	r.host = f.upper(r.path)
	var err error
	r.raw, err = vfs.HostLstat(r.host)
	if errors.Is(err, unix.ENOENT) || err == nil && idOf(&r.raw) != r.node.id {
		return r, errLoad
	}
	return r, err
}

// lookupUpper looks for the name in the upper layer. ENOENT with attributes is a
// whiteout.
func (f *FS) lookupUpper(r *found) error {
	r.host = f.upper(r.path)
	raw, err := vfs.HostLstat(r.host)
	if err != nil {
		return err
	}
	r.raw = raw
	if isWhiteout(&raw, r.host, r.node.xwhite) {
		return unix.ENOENT
	}
	if raw.IsDir() && !r.node.pure() {
		return errLoad
	}
	return nil
}

func (f *FS) lookupLower(r *found) error {
	low, err := f.lower(r.node.lowers, r.rest)
	if err != nil {
		return err
	}
	r.host, r.raw, r.dirs, r.layer = low.host, low.raw, low.dirs, inLower
	if o, ok := f.origins.copied(&r.raw); ok {
		index := f.indexName(o)
		if a, err := vfs.HostLstat(index); err == nil && a.Ino == o.Ino {
			r.host, r.raw, r.layer = index, a, inIndex
		}
	}
	return nil
}

// below is what the lower layers have at a place, whether it shows or not.
func (f *FS) below(p *place) (lowerFile, error) {
	if p.node.pure() {
		return lowerFile{}, unix.ENOENT
	}
	return f.lower(p.node.lowers, p.rest)
}

// refresh does what errLoad asks for; mu is held exclusively.
func (f *FS) refresh(p place) error {
	if !p.node.loaded {
		err := f.load(p.node, p.dir())
		if !errors.Is(err, unix.ENOENT) || p.node.parent == nil {
			return err
		}
		f.forget(p.node)
		return nil
	}
	if p.rest != "" {
		_, err := f.enter(p.node, p.rest[1:], f.upper(p.path))
		return err
	}
	if p.node.parent == nil {
		return unix.ESTALE
	}
	f.forget(p.node)
	return nil
}

// find is lookup with mu held exclusively: it loads what it needs.
func (f *FS) find(path string) (found, error) {
	for range 1000 {
		r, err := f.lookup(path)
		if err != errLoad {
			return r, err
		}
		if err := f.refresh(r.place); err != nil {
			return r, err
		}
	}
	return found{}, unix.ESTALE
}

// ask runs fn on what the view has at a path, with mu shared.
func (f *FS) ask(path string, fn func(*found) error) error {
	for range 1000 {
		f.mu.RLock()
		r, err := f.lookup(path)
		if err == nil {
			err = fn(&r)
		}
		f.mu.RUnlock()
		if err != errLoad {
			return err
		}
		f.mu.Lock()
		r, err = f.find(path)
		if err == nil && r.rest == "" {
			err = f.load(r.node, path)
		}
		f.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return unix.ESTALE
}
