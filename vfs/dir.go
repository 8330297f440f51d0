package vfs

import (
	"time"

	"golang.org/x/sys/unix"
)

// fresh is how long what was learnt of a directory counts without asking the
// host again: what processes outside the view change is seen at the latest
// after it.
const fresh = time.Second

// Dir is a directory of a view, known to the tree. Its fields are guarded by
// the tree's lock; what callers need comes in a Where, as a copy.
type Dir struct {
	mount    *Mount
	parent   *Dir // nil for the root of the tree
	name     string
	fsPath   string // in the file system of mount
	rec      Record
	loaded   time.Time // when rec was learnt; zero: learn it anew
	dead     bool      // removed or renamed: whoever holds it must look again
	shed     bool      // forgotten for want of room: the same, but it may still be there
	children map[string]*Dir
	names    map[string]nameInfo
	aliases  map[string]alias
	over     map[string]*Mount // mounts on names of this directory
	pinned   bool              // a mount lies below
}

// nameInfo is what is known of a name that is not a directory.
type nameInfo struct {
	kind uint32 // unix.S_IFMT value, 0: no such name
	shut bool   // its owner may not read it, by the mode that it shows
	when time.Time
	// Of a symbolic link, if known: its text, and the host path where it lies
	// as the view shows it.
	target, host string
}

// alias is a remembered walk from a directory.
type alias struct {
	dir   *Dir
	nat   string   // host directory that the kernel's walk reaches, if absolute
	plain bool     // only names of directories: the kernel's walk is the text itself
	who   Searcher // whose search permission was checked
	perm  uint64   // Tree.perm then
	above bool     // by ".." out of directories that may have gone since
	gone  uint64   // Tree.gone then
	when  time.Time
}

// Path is the view path of a directory.
func (d *Dir) path() string {
	if d.parent == nil {
		return "/"
	}
	return Join(d.parent.path(), d.name)
}

// Join puts a name behind a directory's path.
func Join(dir, name string) string {
	switch {
	case name == "":
		return dir
	case dir == "/":
		return "/" + name
	}
	return dir + "/" + name
}

// usable tells whether what is remembered of a directory may still be used.
func (d *Dir) usable(now time.Time) bool {
	return !d.dead && !d.shed && !d.loaded.IsZero() && now.Sub(d.loaded) < fresh
}

// Mount is the mount that a directory is in.
func (d *Dir) Mount() *Mount { return d.mount }

// IsFile tells that it is the root of a mount that shows a single file.
func (d *Dir) IsFile() bool { return d == d.mount.root && d.mount.kind != unix.S_IFDIR }

// IsLink tells that it is the root of a mount that shows a symbolic link.
func (d *Dir) IsLink() bool { return d == d.mount.root && d.mount.kind == unix.S_IFLNK }
