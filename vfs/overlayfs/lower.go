package overlayfs

import (
	"errors"
	"path"
	"strings"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// lowerFile is what the lower layers together have at a path.
type lowerFile struct {
	host string
	raw  vfs.Attr
	dirs []lowerDir // of a directory: all that merge, top first
}

// lower finds rest ("/a/b") below directories that merge. Each directory on the
// way hides what the layers below it have under the same name as something
// else; the bottom layer is taken as it is, others may hold whiteouts.
func (f *FS) lower(dirs []lowerDir, rest string) (lowerFile, error) {
	if rest == "/" {
		a, err := vfs.HostLstat(f.o.Lower[0])
		return lowerFile{f.o.Lower[0], a, dirs}, err
	}
	if len(dirs) == 1 && dirs[0].layer == len(f.o.Lower)-1 {
		return f.bottom(dirs[0], rest)
	}
	for {
		name, more, deeper := strings.Cut(rest[1:], "/")
		file, err := f.step(dirs, name)
		if err != nil || !deeper {
			return file, err
		}
		if !file.raw.IsDir() {
			return lowerFile{}, unix.ENOTDIR
		}
		dirs, rest = file.dirs, "/"+more
	}
}

// bottom asks the one directory that is left with one statx(2).
func (f *FS) bottom(d lowerDir, rest string) (lowerFile, error) {
	host := d.host + rest
	if f.excluded(host) {
		return lowerFile{}, unix.ENOENT
	}
	a, err := vfs.HostLstat(host)
	if errors.Is(err, unix.EACCES) {
		f.unseen.add(f.unseenDir(host))
		return lowerFile{}, unix.ENOENT
	}
	if err != nil {
		return lowerFile{}, err
	}
	l := lowerFile{host: host, raw: a}
	if a.IsDir() {
		l.dirs = []lowerDir{{host, d.layer}}
	}
	return l, nil
}

// step finds one name in directories that merge.
func (f *FS) step(dirs []lowerDir, name string) (lowerFile, error) {
	var found lowerFile
	for _, d := range dirs {
		host := d.host + "/" + name
		if f.excluded(host) {
			continue
		}
		last := d.layer == len(f.o.Lower)-1
		a, err := vfs.HostLstat(host)
		if errors.Is(err, unix.EACCES) {
			f.unseen.add(f.unseenDir(host))
			err = unix.ENOENT
		}
		if errors.Is(err, unix.ENOENT) {
			if !last && whiteoutFile(d.host, name) {
				break
			}
			continue
		}
		if err != nil {
			return found, err
		}
		if !last && isWhiteout(&a, host, true) {
			break
		}
		if !a.IsDir() {
			if found.dirs == nil {
				found = lowerFile{host: host, raw: a}
			}
			break
		}
		if found.dirs == nil {
			found = lowerFile{host: host, raw: a}
		}
		found.dirs = append(found.dirs, lowerDir{host, d.layer})
		if !last && lowerOpaque(host) {
			break
		}
	}
	if found.host == "" {
		return found, unix.ENOENT
	}
	return found, nil
}

// whiteoutFile: image layers mark a deletion by a file .wh.NAME (OCI image
// specification, "Whiteouts").
func whiteoutFile(dir, name string) bool {
	_, err := vfs.HostLstat(dir + "/.wh." + name)
	return err == nil
}

func lowerOpaque(host string) bool {
	if getMark(host, xattrOpaque) == "y" || getMark(host, "trusted.overlay.opaque") == "y" {
		return true
	}
	_, err := vfs.HostLstat(host + "/.wh..wh..opq")
	return err == nil
}

// excluded tells whether a host path is not to be seen.
func (f *FS) excluded(host string) bool {
	for _, x := range f.o.Exclude {
		if strings.HasPrefix(host, x) && (len(host) == len(x) || host[len(x)] == '/') {
			return true
		}
	}
	return false
}

// holdsExcluded tells whether a name in a host directory is not to be seen.
func (f *FS) holdsExcluded(host string) bool {
	for _, x := range f.o.Exclude {
		if path.Dir(x) == host || host == "" && path.Dir(x) == "/" {
			return true
		}
	}
	return false
}
