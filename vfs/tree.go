package vfs

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Tree is the mount tree of a view and what is remembered of its directories.
type Tree struct {
	mu     sync.Mutex // guards all Dirs, and the fields below
	root   atomic.Pointer[Dir]
	byID   map[fileID]*Dir
	count  int
	change uint64 // counts changes of the name space
	perm   uint64 // counts changes of permission
	gone   uint64 // counts directories that went
	lastID int    // of a mount
	moves  uint64 // counts changes of mounts
	hangs  uint64 // counts mounts put on a place
	ever   []*Mount
	told   chan struct{}       // closed at the next of them
	closed map[FileSystem]bool // those that are read-only everywhere
	// uppermost is the last mount over the root; the lowest of those is root's.
	uppermost *Mount

	mounts  atomic.Pointer[[]*Mount]
	systems atomic.Pointer[[]*Mount]
	own     atomic.Pointer[[]*Mount]

	handed  atomic.Bool // a guest has a descriptor of some directory
	odd     atomic.Bool // the opposite of Plain
	adds    atomic.Bool // something was mounted on a free name
	noExec  atomic.Bool // some mount is MS_NOEXEC
	several atomic.Bool // there is more than one mount but for procfs
}

type fileID struct{ dev, ino uint64 }

// firstID is the number of the root's mount. The host's own have small ones.
const firstID = 1000

// mostDirs bounds what is remembered; past it everything is learnt anew.
const mostDirs = 100_000

// NewTree makes a tree with a file system at its root.
func NewTree(root *Mount) *Tree {
	root.Point = "/"
	t := &Tree{byID: map[fileID]*Dir{}, lastID: firstID, told: make(chan struct{})}
	top := &Dir{mount: root, fsPath: root.top()}
	t.root.Store(top)
	t.uppermost = root
	if p, err := root.FS.Open(root.top(), How{Flags: unix.O_PATH | unix.O_NOFOLLOW}); err == nil {
		root.host = p.Host
	}
	root.root, root.tree, root.id, root.kind = top, t, firstID, unix.S_IFDIR
	t.list([]*Mount{root})
	return t
}

// Root is the root directory of the tree.
func (t *Tree) Root() *Dir { return t.root.Load() }

// Mounts lists what is mounted, in order of mounting. Nobody changes the list.
func (t *Tree) Mounts() []*Mount { return *t.mounts.Load() }

// Systems lists one mount of each file system.
func (t *Tree) Systems() []*Mount { return *t.systems.Load() }

// Own lists one mount of each file system with a device number of its own.
func (t *Tree) Own() []*Mount { return *t.own.Load() }

// Path is the view path of a directory, and whether it still is there.
func (t *Tree) Path(d *Dir) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return d.path(), !d.dead
}

// Alive tells whether a directory still is what it was when it was found.
func (t *Tree) Alive(d *Dir) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !d.dead && !d.shed
}

// ByID finds the directory that a host directory stands for.
func (t *Tree) ByID(dev, ino uint64) *Dir {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.byID[fileID{dev, ino}]
	if d == nil || d.dead || d.shed {
		return nil
	}
	return d
}

// Record is the decision about a directory, learnt anew if it is old. ErrFar if
// that may have to be waited for, and the caller is not patient.
func (t *Tree) Record(d *Dir, patient bool) (Record, error) {
	now := time.Now()
	t.mu.Lock()
	if d.usable(now) {
		r := d.rec
		t.mu.Unlock()
		return r, nil
	}
	t.mu.Unlock()
	return t.load(d, now, patient)
}

// load asks the file system what class a directory is of.
func (t *Tree) load(d *Dir, now time.Time, patient bool) (Record, error) {
	t.mu.Lock()
	m, p, change := d.mount, d.fsPath, t.change
	t.mu.Unlock()
	if err := m.near(p, "", patient); err != nil {
		return Record{}, err
	}
	r, err := m.dir(p)
	if err != nil {
		return r, err
	}
	if t.shared(m, p, r.Host) {
		r.Flags |= Shared
	}
	if t.added(d, m, p) {
		r.Class = ClassMerged
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if m.ReadOnly || t.closed[m.FS] {
		r.Flags |= ReadOnly
	}
	if len(d.over) > 0 {
		r.Flags |= MountBelow
	}
	if r.Class == ClassReal && (m.Sub != "" || m.moved) && r.Host != d.path() {
		r.Class = ClassBacked
	}
	d.rec = r
	if !d.dead && !d.shed && change == t.change {
		d.loaded = now
		if m.Magic {
			return r, nil
		}
		if r.Host != "" {
			t.byID[fileID{r.Dev, r.Ino}] = d
		}
		if r.AltIno != 0 {
			t.byID[fileID{r.AltDev, r.AltIno}] = d
		}
	}
	return r, nil
}

// changed has directories at and below a path learnt anew.
func (t *Tree) changed(fs FileSystem, fsPath string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.change++
	t.altered()
	for _, m := range t.Mounts() {
		if m.FS != fs {
			continue
		}
		if p, ok := m.inside(fsPath); ok {
			m.root.outdated(p)
		} else {
			m.root.unload()
		}
	}
}

// outdated is unload for the directory of a path below d, and those on the way.
func (d *Dir) outdated(path string) {
	d.loaded = time.Time{}
	for name := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if name == "" {
			continue
		}
		c := d.children[name]
		delete(d.names, name)
		if c == nil {
			return
		}
		d = c
		d.loaded = time.Time{} // the ancestors of a copy-up change class too
	}
	d.unload()
}

func (d *Dir) unload() {
	d.loaded = time.Time{}
	clear(d.names)
	for _, c := range d.children {
		c.unload()
	}
}

// Forget drops what is remembered of a name, after an operation on it.
func (t *Tree) Forget(d *Dir, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.change++
	delete(d.names, name)
	for _, c := range t.twins(d) {
		delete(c.names, name)
	}
}

// Drop is Forget for a name that was a directory or a link and is gone or
// stands for something else: all that was found through it is looked up anew.
func (t *Tree) Drop(d *Dir, name string, wasLink bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.change++
	for _, x := range append(t.twins(d), d) {
		delete(x.names, name)
		if c := x.children[name]; c != nil {
			t.kill(c)
			delete(x.children, name)
		}
	}
	if wasLink {
		for _, m := range t.Mounts() {
			t.bump(m.root)
		}
	}
}

// kill marks a directory and all below it as gone.
func (t *Tree) kill(d *Dir) {
	d.dead = true
	t.gone++
	t.count--
	for _, k := range [...]fileID{{d.rec.Dev, d.rec.Ino}, {d.rec.AltDev, d.rec.AltIno}} {
		if t.byID[k] == d {
			delete(t.byID, k)
		}
	}
	for _, c := range d.children {
		t.kill(c)
	}
	clear(d.children)
}

// bump forgets remembered walks from a directory and those below it.
func (t *Tree) bump(d *Dir) {
	clear(d.aliases)
	d.loaded = time.Time{}
	for _, c := range d.children {
		t.bump(c)
	}
}

// child gives the directory of a name that is known to be one.
func (t *Tree) child(d *Dir, name string) *Dir {
	if m := d.over[name]; m != nil {
		return m.root
	}
	if c := d.children[name]; c != nil {
		return c
	}
	c := &Dir{mount: d.mount, parent: d, name: name, fsPath: Join(d.fsPath, name)}
	if t.count >= mostDirs {
		t.shed()
	}
	if d.mount.Magic || d.dead || d.shed {
		c.shed = d.shed || d.dead // nobody could tell it of a change
		return c
	}
	t.count++
	if d.children == nil {
		d.children = map[string]*Dir{}
	}
	d.children[name] = c
	return c
}

// shed forgets all directories but those that mounts hang on.
func (t *Tree) shed() {
	for _, m := range t.Mounts() {
		t.shedBelow(m.root)
	}
	clear(t.byID)
	t.count = 0
}

func (t *Tree) shedBelow(d *Dir) {
	clear(d.aliases)
	for name, c := range d.children {
		if c.pinned {
			t.shedBelow(c)
			continue
		}
		c.forgotten()
		delete(d.children, name)
	}
}

// forgotten marks a directory and those below it as no longer known, for those
// who still hold one.
func (d *Dir) forgotten() {
	d.shed = true
	for _, c := range d.children {
		c.forgotten()
	}
	clear(d.children)
}
