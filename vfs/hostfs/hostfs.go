package hostfs

import (
	"strings"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

// Options of a host file system.
type Options struct {
	// Root is the host directory or file that is shown, a clean absolute path.
	Root string
	// ReadOnly makes every change answer EROFS.
	ReadOnly bool
	// Owners maps ids and keeps records; nil leaves owners untouched.
	Owners *owner.Store
	// Real: Root is shown at its own path.
	Real bool
	// OnChange may be nil.
	OnChange vfs.OnChange
}

// FS is a directory of the host as a vfs.FileSystem.
type FS struct {
	Options
	prefix string // Root without the slash of "/"
}

var _ vfs.FileSystem = (*FS)(nil)

// New shows o.Root. It makes no system call: a root that is not there answers
// ENOENT when asked for.
func New(o Options) *FS {
	if o.OnChange == nil {
		o.OnChange = func(string) {}
	}
	return &FS{Options: o, prefix: strings.TrimSuffix(o.Root, "/")}
}

// host is the host path of a path of the file system.
func (f *FS) host(path string) string {
	if path == "/" {
		return f.Root
	}
	return f.prefix + path
}

// PathOf implements vfs.FileSystem.
func (f *FS) PathOf(host string) (string, bool) {
	if host == f.Root {
		return "/", true
	}
	if rest, ok := strings.CutPrefix(host, f.prefix); ok && strings.HasPrefix(rest, "/") {
		return rest, true
	}
	return "", false
}

// Dir implements vfs.FileSystem.
func (f *FS) Dir(path string) (vfs.Record, error) {
	host := f.host(path)
	a, err := vfs.HostLstat(host)
	if err != nil {
		return vfs.Record{}, err
	}
	if !a.IsDir() {
		return vfs.Record{}, unix.ENOTDIR
	}
	r := vfs.Record{Class: vfs.ClassBacked, Dev: a.Dev(), Ino: a.Ino, Host: host}
	if f.Real {
		r.Class = vfs.ClassReal
	}
	if f.Owners.Records() {
		r.Flags |= vfs.AttrsDiffer
	}
	if f.Owners.StandIns(host, &a) {
		r.Flags |= vfs.StandIns
	}
	if f.ReadOnly {
		r.Flags |= vfs.ReadOnly
	}
	if a.Dev() == procDev() {
		r.Flags |= vfs.Magic
	}
	return r, nil
}

// Statfs implements vfs.FileSystem.
func (f *FS) Statfs(path string) (unix.Statfs_t, error) {
	var st unix.Statfs_t
	fd, err := hostpath.Open(f.host(path), unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return st, err
	}
	defer unix.Close(fd)
	err = unix.Fstatfs(fd, &st)
	if f.ReadOnly {
		st.Flags |= unix.ST_RDONLY
	}
	return st, err
}
