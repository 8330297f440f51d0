package overlayfs

import (
	"errors"
	"slices"
	"strings"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// List implements vfs.FileSystem. It gives the names of the upper layer first,
// each layer in its own order. The lower layers, which may be long and do not
// change, are read without the lock.
func (f *FS) List(path string) ([]vfs.Dirent, error) {
	var l *listing
	var dirs []lowerDir
	err := f.ask(path, func(r *found) error {
		var err error
		l, dirs, err = f.listTop(r, readDir)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = f.listLowers(l, dirs)
	return l.out, err
}

// list is List with the lock held; read reads the directory whose times show.
func (f *FS) list(r *found, read reader) ([]vfs.Dirent, error) {
	l, dirs, err := f.listTop(r, read)
	if err != nil {
		return nil, err
	}
	err = f.listLowers(l, dirs)
	return l.out, err
}

// listTop begins the list of a directory that read reads where its times show,
// with the upper layer if it is there, and tells which lower ones are left.
func (f *FS) listTop(r *found, read reader) (l *listing, dirs []lowerDir, err error) {
	if !r.raw.IsDir() {
		return nil, nil, unix.ENOTDIR
	}
	if r.rest == "" && r.layer == inUpper && !r.node.loaded {
		return nil, nil, errLoad
	}
	if l, err = f.dots(r); err != nil {
		return nil, nil, err
	}
	l.read = read
	if r.layer != inUpper {
		return l, r.dirs, nil
	}
	if err := f.listUpper(l, r, read); err != nil {
		return nil, nil, err
	}
	l.read = peekDir
	if r.rest == "" {
		dirs = slices.Clone(r.node.lowers)
	}
	return l, dirs, nil
}

func (f *FS) listLowers(l *listing, dirs []lowerDir) error {
	for _, d := range dirs {
		err := f.listLower(l, d, l.read)
		l.read = peekDir
		if err != nil {
			return err
		}
	}
	return nil
}

// listing is a list under construction; seen holds whiteouts too.
type listing struct {
	out  []vfs.Dirent
	seen map[string]struct{}
	read reader // of the next layer
}

func (l *listing) add(e vfs.Dirent) {
	if _, again := l.seen[e.Name]; again {
		return
	}
	l.seen[e.Name] = struct{}{}
	l.out = append(l.out, e)
}

func (l *listing) hide(name string) { l.seen[name] = struct{}{} }

func (f *FS) dots(r *found) (*listing, error) {
	l := &listing{seen: map[string]struct{}{}}
	self, err := f.attr(r)
	if err != nil {
		return nil, err
	}
	up := self
	if r.path != "/" {
		dir, _ := split(r.path)
		p, err := f.lookup(dir)
		if err != nil {
			return nil, err
		}
		if up, err = f.attr(&p); err != nil {
			return nil, err
		}
	}
	l.add(vfs.Dirent{Name: ".", Ino: self.Ino, Type: unix.DT_DIR})
	l.add(vfs.Dirent{Name: "..", Ino: up.Ino, Type: unix.DT_DIR})
	return l, nil
}

func (f *FS) listUpper(l *listing, r *found, read reader) error {
	list, err := read(r.host)
	if err != nil {
		return err
	}
	n := r.node
	itself := r.rest == ""
	files := itself && n.xwhite
	for _, e := range list {
		host := r.host + "/" + e.Name
		if e.Type == unix.DT_CHR || e.Type == unix.DT_UNKNOWN || files && e.Type == unix.DT_REG {
			a, err := vfs.HostLstat(host)
			if err != nil {
				continue
			}
			if isWhiteout(&a, host, files) {
				l.hide(e.Name)
				continue
			}
			e.Type = uint8(a.Mode >> 12)
		}
		if itself {
			f.number(&e, n, host)
		}
		l.add(e)
	}
	if itself {
		for name := range n.tombs {
			l.hide(name)
		}
	}
	return nil
}

// number gives an entry the number and type that stat(2) shows.
func (f *FS) number(e *vfs.Dirent, n *node, host string) {
	if e.Type == unix.DT_DIR {
		if k := n.kids[e.Name]; k != nil && !k.pure() {
			e.Ino = k.low.ino
		}
		return
	}
	came := f.origins.has(fileID{f.upperDev, e.Ino})
	device := n.nodes && e.Type == unix.DT_REG && f.o.Owners.Records()
	if !came && !device {
		return
	}
	raw, err := vfs.HostLstat(host)
	if err != nil {
		return
	}
	if device {
		if a := raw; f.o.Owners.Fix(&a, host) == nil {
			e.Type = uint8(a.Mode >> 12)
		}
	}
	if o, ok := f.origins.of(&raw); ok {
		e.Ino = o.LowerIno
	}
}

func (f *FS) listLower(l *listing, d lowerDir, read reader) error {
	host := d.host
	if host == "" {
		host = "/"
	}
	list, err := read(host)
	if errors.Is(err, unix.EACCES) {
		f.unseen.add(host)
		return nil
	}
	if err != nil {
		return err
	}
	last := d.layer == len(f.o.Lower)-1
	files := !last && getMark(host, xattrOpaque) == "x"
	if !last {
		defer func(l *listing) {
			for _, e := range list {
				if name, ok := strings.CutPrefix(e.Name, ".wh."); ok {
					l.hide(name)
				}
			}
		}(l)
	}
	for _, e := range list {
		if f.excluded(d.host+"/"+e.Name) || !last && isLayerMark(e.Name) {
			continue
		}
		if !last && (e.Type == unix.DT_CHR || e.Type == unix.DT_UNKNOWN || files && e.Type == unix.DT_REG) {
			a, err := vfs.HostLstat(d.host + "/" + e.Name)
			if err != nil {
				continue
			}
			if isWhiteout(&a, d.host+"/"+e.Name, files) {
				l.hide(e.Name)
				continue
			}
		}
		l.add(e)
	}
	return nil
}

func isLayerMark(name string) bool { return strings.HasPrefix(name, ".wh.") }
