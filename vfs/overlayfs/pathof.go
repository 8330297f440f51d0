package overlayfs

import (
	gopath "path"
	"strings"

	"github.com/veduta/veduta/vfs"
)

// PathOf implements vfs.FileSystem. An upper path is the view's; a lower one
// is, unless a directory on the way was renamed or removed.
func (f *FS) PathOf(host string) (string, bool) {
	if rel, ok := f.inUpperTree(host); ok {
		return rel, true
	}
	if under(host, f.o.Work) {
		f.mu.RLock()
		defer f.mu.RUnlock()
		path, ok := f.removed[host]
		return path, ok
	}
	if f.excluded(host) {
		return "", false
	}
	for _, l := range f.o.Lower {
		if rel, ok := below(host, l); ok {
			return f.fromLower(rel)
		}
	}
	return "", false
}

func (f *FS) inUpperTree(host string) (string, bool) { return below(host, f.o.Upper) }

// below is what is left of a path under a directory.
func below(p, dir string) (string, bool) {
	if p == dir {
		return "/", true
	}
	rest, ok := strings.CutPrefix(p, strings.TrimSuffix(dir, "/"))
	return rest, ok && strings.HasPrefix(rest, "/")
}

func under(p, dir string) bool { _, ok := below(p, dir); return ok }

// fromLower maps a path of the lower layers to where the view has it now.
func (f *FS) fromLower(lpath string) (string, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	path := f.redirected(lpath)
	p, err := f.locate(path)
	if err != nil || !p.node.loaded {
		return path, true
	}
	if p.node.pure() || gopath.Join(p.node.lpath, p.rest) != lpath {
		return f.renamed(lpath)
	}
	if p.rest == "" {
		return path, true
	}
	name, _, more := strings.Cut(p.rest[1:], "/")
	if _, dead := p.node.covered[name]; !dead {
		return path, true
	}
	a, err := vfs.HostLstat(f.upper(path))
	if more || err != nil || isWhiteout(&a, f.upper(path), p.node.xwhite) {
		return f.renamed(lpath)
	}
	if !f.stem(&a, lpath) {
		if now, ok := f.renamed(lpath); ok {
			return now, true
		}
	}
	return path, true
}

// stem tells that an upper file is what a lower one has become, if it is another
// than a directory.
func (f *FS) stem(upper *vfs.Attr, lpath string) bool {
	if upper.IsDir() {
		return true
	}
	o, ok := f.origins.of(upper)
	if !ok {
		return false
	}
	for _, l := range f.o.Lower {
		if a, err := vfs.HostLstat(gopath.Join(l, lpath)); err == nil {
			return idOf(&a) == fileID{o.LowerDev, o.LowerIno}
		}
	}
	return false
}

// renamed is the path of the upper file that stands for a lower one which has
// lost its name.
func (f *FS) renamed(lpath string) (string, bool) {
	for _, l := range f.o.Lower {
		a, err := vfs.HostLstat(gopath.Join(l, lpath))
		if err != nil {
			continue
		}
		o, ok := f.origins.raisedFrom(idOf(&a))
		if !ok || a.IsDir() || o.Ino == 0 {
			return "", false
		}
		b, err := vfs.HostLstat(f.upper(string(o.Path)))
		return string(o.Path), err == nil && b.Ino == o.Ino && b.Dev() == o.Dev
	}
	return "", false
}

// redirected follows the nearest renamed directory on the way to a lower path.
func (f *FS) redirected(lpath string) string {
	if len(f.redirects) == 0 {
		return lpath
	}
	for dir := lpath; dir != "/"; dir = gopath.Dir(dir) {
		if n := f.redirects[dir]; n != nil {
			return gopath.Join(n.path(), lpath[len(dir):])
		}
	}
	return lpath
}
