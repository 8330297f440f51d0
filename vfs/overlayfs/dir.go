package overlayfs

import (
	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Dir implements vfs.FileSystem.
func (f *FS) Dir(path string) (vfs.Record, error) {
	var rec vfs.Record
	err := f.ask(path, func(r *found) error {
		if !r.raw.IsDir() {
			return unix.ENOTDIR
		}
		rec = vfs.Record{Dev: r.raw.Dev(), Ino: r.raw.Ino, Host: r.host}
		switch {
		case r.layer == inLower:
			f.lowerRecord(r, &rec)
		case r.rest == "":
			f.upperRecord(r, &rec)
		default:
			rec.Class = vfs.ClassBacked
			f.upperFlags(r.node, &rec)
		}
		if rec.Class == vfs.ClassBacked && f.o.Owners.Records() {
			if a, err := f.attr(r); err != nil || a.Mode&unix.S_ISGID != 0 {
				rec.Flags |= vfs.Inherits
			}
		}
		return nil
	})
	return rec, err
}

func (f *FS) upperRecord(r *found, rec *vfs.Record) {
	n := r.node
	switch {
	case !n.pure():
		rec.Class = vfs.ClassMerged
		rec.AltDev, rec.AltIno = n.low.dev, n.low.ino
	case n.impure || n.xwhite:
		rec.Class = vfs.ClassMerged
	default:
		rec.Class = vfs.ClassBacked
	}
	f.upperFlags(n, rec)
}

func (f *FS) upperFlags(n *node, rec *vfs.Record) {
	if f.o.Owners.Records() || n.dev != f.upperDev {
		rec.Flags |= vfs.AttrsDiffer
	}
}

func (f *FS) lowerRecord(r *found, rec *vfs.Record) {
	rec.Class = vfs.ClassLower
	if len(r.dirs) > 1 || r.dirs[0].layer != len(f.o.Lower)-1 && f.holdsWhiteouts(r.host) ||
		f.holdsExcluded(r.host) || !f.readable(&r.raw, r.host) || f.holdsScattered(r.host) {
		rec.Class = vfs.ClassMerged
	}
	if !f.o.Owners.Plain() || f.fixLower && f.o.Owners.Records() {
		rec.Flags |= vfs.AttrsDiffer
	}
	if rec.Dev == f.procDev {
		rec.Flags |= vfs.Magic
	}
}

// readable tells whether the monitor's user may list and search a lower
// directory; one that it may not is treated as empty.
func (f *FS) readable(a *vfs.Attr, host string) bool {
	if a.Mode&0o5 == 0o5 {
		return true
	}
	if hostpath.Access(host, unix.R_OK|unix.X_OK, unix.AT_EACCESS) == nil {
		return true
	}
	f.unseen.add(host)
	return false
}

// holdsWhiteouts looks whether a directory of an upper lower layer, alone as it
// is, has entries that a listing must not show.
func (f *FS) holdsWhiteouts(host string) bool {
	list, err := peekDir(host)
	if err != nil {
		return true
	}
	files := getMark(host, xattrOpaque) == "x"
	for _, e := range list {
		if files || e.Type == unix.DT_CHR || e.Type == unix.DT_UNKNOWN || isLayerMark(e.Name) {
			return true
		}
	}
	return false
}

// holdsScattered looks whether a lower directory has a name of a file that was
// copied up or removed under another one, so that the kernel would show the old
// data or count of links.
func (f *FS) holdsScattered(host string) bool {
	inos := f.origins.scattered()
	if inos == nil {
		return false
	}
	list, err := peekDir(host)
	if err != nil {
		return true
	}
	for _, e := range list {
		if inos[e.Ino] && e.Type != unix.DT_DIR {
			return true
		}
	}
	return false
}
