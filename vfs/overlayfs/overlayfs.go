package overlayfs

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

// Options of an overlay.
type Options struct {
	// Lower are the host directories that are only read, the top one first.
	Lower []string
	// Upper takes the changes; Work is scratch on the same file system, and
	// its parent holds the logs. Both exist.
	Upper, Work string
	// Owners keeps what upper files cannot carry; nil leaves owners untouched.
	Owners *owner.Store
	// OnChange may be nil.
	OnChange vfs.OnChange
	// Exclude are host paths that are not shown where a lower layer has them:
	// the overlay's own store.
	Exclude []string
	// Mount is the path of the view where the overlay is mounted; it is put
	// before the paths in the logs. Empty is "/".
	Mount string
}

// FS is an overlay as a vfs.FileSystem.
type FS struct {
	o        Options
	upperDev uint64
	procDev  uint64
	tmp      string // Work/tmp
	index    string // Work/index
	noNodes  bool   // whiteouts cannot be devices here
	// fixLower: lower files may bear records (the tree of another session or
	// an unpacked image); the host's own do not, and asking costs two calls.
	fixLower bool

	foreign atomic.Bool // a node shows another device than the upper one

	mu        sync.RWMutex
	root      *node
	merged    map[fileID]*node // by upper directory, those that merge
	covers    map[fileID]*node // the same by the top one of the lower directories
	redirects map[string]*node // by path in the lower layers
	changed   []string         // for OnChange, once mu is free
	copying   map[fileID]chan struct{}
	whiteout  string            // in tmp, to be linked; empty: none yet
	serial    uint64            // names in tmp
	removed   map[string]string // view paths of directories moved to tmp to be removed

	origins *origins
	orphans orphans
	unseen  *unseen
}

var _ vfs.FileSystem = (*FS)(nil)

// fileID is an inode of the host.
type fileID struct{ dev, ino uint64 }

func idOf(a *vfs.Attr) fileID { return fileID{a.Dev(), a.Ino} }

// New opens an overlay. What an earlier one left unfinished in Work is removed,
// so no other may be using it.
func New(o Options) (*FS, error) {
	if len(o.Lower) == 0 {
		return nil, fmt.Errorf("overlay without a lower directory: %w", unix.EINVAL)
	}
	if o.OnChange == nil {
		o.OnChange = func(string) {}
	}
	if o.Mount == "/" {
		o.Mount = ""
	}
	f := &FS{
		o:         o,
		tmp:       filepath.Join(o.Work, "tmp"),
		index:     filepath.Join(o.Work, "index"),
		fixLower:  len(o.Lower) > 1 || o.Lower[0] != "/",
		merged:    map[fileID]*node{},
		covers:    map[fileID]*node{},
		redirects: map[string]*node{},
		copying:   map[fileID]chan struct{}{},
		removed:   map[string]string{},
	}
	if a, err := vfs.HostLstat("/proc/self/"); err == nil {
		f.procDev = a.Dev()
	}
	if err := f.openWork(); err != nil {
		return nil, err
	}
	if err := f.openRoot(); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (f *FS) openWork() error {
	if err := os.RemoveAll(f.tmp); err != nil {
		return err
	}
	for _, d := range []string{f.tmp, f.index} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return err
		}
	}
	f.noNodes = !probeWhiteout(f.tmp)
	var err error
	store := filepath.Dir(f.o.Work)
	if f.origins, err = openOrigins(filepath.Join(store, "origins")); err != nil {
		return err
	}
	f.unseen, err = openUnseen(filepath.Join(store, "unseen"))
	return err
}

// Close writes what is pending and closes the logs. Files that guests hold open
// stay usable.
func (f *FS) Close() error {
	if f.root != nil {
		f.mu.Lock()
		f.sealTombs(f.root, "/")
		f.mu.Unlock()
	}
	err := f.origins.close()
	if e := f.unseen.close(); err == nil {
		err = e
	}
	return err
}

// Unseen are the paths of lower directories that the monitor's user may not
// look into; what the view shows in them is the upper layer's only.
func (f *FS) Unseen() []string { return f.unseen.list() }

// change runs a change of the name space under the lock and tells of it after.
func (f *FS) change(fn func() error) error {
	f.mu.Lock()
	err := fn()
	changed := f.changed
	f.changed = nil
	f.mu.Unlock()
	for _, p := range changed {
		f.o.OnChange(p)
	}
	return err
}

func (f *FS) tell(path string) { f.changed = append(f.changed, path) }

// upper is the host path of a path of the view in the upper layer.
func (f *FS) upper(path string) string {
	if path == "/" {
		return f.o.Upper
	}
	return f.o.Upper + path
}

// scratch is a new name in the work directory; mu is held.
func (f *FS) scratch() string {
	f.serial++
	return fmt.Sprintf("%s/%x", f.tmp, f.serial)
}
