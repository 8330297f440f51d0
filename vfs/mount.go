package vfs

import (
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Mount is a file system, or a part of one, at a place of the tree.
type Mount struct {
	Point string // view path
	FS    FileSystem
	Magic bool // procfs: links may jump, nothing is remembered
	// ReadOnly refuses every change. Once the mount is in a tree, the tree
	// changes it (Remount).
	ReadOnly bool
	// Layers: directories may be merged, and an open of a lower file for
	// writing goes elsewhere.
	Layers bool
	// Owners: owners or modes may differ from those of the backing files.
	Owners bool
	// Own: FS has a device number of its own, and alone knows the attributes of
	// its files.
	Own bool
	// Far, if not nil, tells where a look into FS may have to be waited for.
	Far Far
	// Fresh is who the backing file of a new file belongs to by itself, in the
	// ids of the view; nil: unknown.
	Fresh *Owner
	// Sub is the directory or file of FS that is shown, empty for all of it
	// (mount(2), MS_BIND).
	Sub string
	// Type, Source and Super are the file system type, the source and the
	// options of the file system as mountinfo tells them.
	Type, Source, Super string
	// Flags are the MS_ flags of the mount itself, without MS_RDONLY.
	Flags uintptr
	// Close, if not nil, gives back what FS holds, when the last mount of it
	// has gone.
	Close func() error

	id     int
	kind   uint32 // of the root, unix.S_IFMT value
	tree   *Tree
	root   *Dir
	parent *Mount
	under  *Mount                 // the one that lay at the place before
	gone   bool                   // taken off the tree
	moved  bool                   // by pivot_root(2)
	sub    atomic.Pointer[string] // Sub, once that has been renamed
	hung   uint64                 // counts when mounts were put on their places
	first  bool                   // it was there before the first guest
	loose  bool                   // not yet on the tree, or in a mount that is not
	host   string                 // the host file that its root stands for, if there is one
}

// ID is the number of the mount for as long as the tree lives (statx(2),
// stx_mnt_id), once its guests run.
func (m *Mount) ID() int { return m.id }

// Begin notes which mounts are there before the first guest, and gives each the
// number that number has for it, if that is not 0.
func (t *Tree) Begin(number func(*Mount) int) {
	for _, m := range t.Mounts() {
		id := number(m)
		t.mu.Lock()
		if m.first = true; id != 0 {
			m.id = id
		}
		t.mu.Unlock()
	}
}

// Renumbered tells that the number is the host's.
func (m *Mount) Renumbered() bool { return m.id < firstID }

// top is the path in FS of what is shown.
func (m *Mount) top() string {
	if p := m.sub.Load(); p != nil {
		return *p
	}
	if m.Sub == "" {
		return "/"
	}
	return m.Sub
}

// inside maps a path of FS to the part of it that the mount shows, "/" for its
// root.
func (m *Mount) inside(fsPath string) (string, bool) {
	top := m.top()
	if top == "/" {
		return fsPath, true
	}
	rest, ok := strings.CutPrefix(fsPath, top)
	switch {
	case !ok:
		return "", false
	case rest == "":
		return "/", true
	}
	return rest, rest[0] == '/'
}

// Changed is the OnChange of the mount's file system.
func (m *Mount) Changed(fsPath string) {
	if m.tree != nil {
		m.tree.changed(m.FS, fsPath)
	}
}

// Bind is a mount that shows the end of a walk once more. What is mounted below
// is not in it.
func (w *Where) Bind() *Mount {
	if t := w.Dir.mount.tree; t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
	}
	return w.bind()
}

// bind is Bind for who holds the lock.
func (w *Where) bind() *Mount {
	m := w.Dir.mount
	return &Mount{FS: m.FS, Magic: m.Magic, ReadOnly: m.ReadOnly, Layers: m.Layers, Owners: m.Owners, Own: m.Own, Far: m.Far,
		Fresh: m.Fresh, Sub: w.Path(), Type: m.Type, Source: m.Source, Super: m.Super, Flags: m.Flags, Close: m.Close}
}

// Mount puts a file system on a directory or file, or on a name that is free in
// a directory that exists. Links are followed.
func (t *Tree) Mount(m *Mount) error {
	w := Walk{Root: t.Root(), Start: t.Root(), Follow: true, Patient: true}
	at, err := t.Walk(&w, []byte(m.Point))
	if err != nil {
		return err
	}
	return t.Attach(&at, m)
}

// Attach puts a file system where a walk has ended; what is mounted there
// already stays below. ENOTDIR where of the two only one is a directory, ENOENT
// in a directory that has been removed, EINVAL in a mount that has gone.
func (t *Tree) Attach(at *Where, m *Mount) error {
	m.inspect()
	kind, err := t.Kind(at)
	if err != nil {
		return err
	}
	if kind != 0 && (kind == unix.S_IFDIR) != (m.kind == unix.S_IFDIR) {
		return unix.ENOTDIR
	}
	if kind == 0 {
		t.adds.Store(true)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s, err := t.spotOf(at)
	if err != nil {
		return err
	}
	t.enlist(m)
	m.loose = s.dir != nil && s.dir.mount.loose
	t.hang([]*Mount{m}, s)
	t.renew()
	return nil
}

// inspect finds what a mount's root is, and which host file stands for it.
func (m *Mount) inspect() {
	m.kind = unix.S_IFDIR
	if a, err := m.FS.Lstat(m.top()); err == nil {
		m.kind = a.Kind()
	}
	if p, err := m.FS.Open(m.top(), How{Flags: unix.O_PATH | unix.O_NOFOLLOW}); err == nil {
		m.host = p.Host
	}
}

// enlist gives a mount a root and a number. The caller holds the lock.
func (t *Tree) enlist(m *Mount) {
	m.root = &Dir{mount: m, fsPath: m.top()}
	m.tree = t
	if m.id == 0 {
		t.lastID++
		m.id = t.lastID
	}
	if m.Close != nil && !slices.ContainsFunc(t.ever, func(x *Mount) bool { return x.FS == m.FS }) {
		t.ever = append(t.ever, m)
	}
	t.list(append(t.Mounts(), m))
}

// list sets the list of mounts, of all and by file system.
func (t *Tree) list(all []*Mount) {
	all = append([]*Mount(nil), all...)
	t.mounts.Store(&all)
	seen := map[FileSystem]bool{}
	var systems, own []*Mount
	for _, m := range all {
		if !seen[m.FS] {
			seen[m.FS] = true
			systems = append(systems, m)
			if m.Own {
				own = append(own, m)
			}
		}
	}
	t.systems.Store(&systems)
	t.own.Store(&own)
}

// renew has all directories learnt anew, after a change of mounts.
func (t *Tree) renew() {
	t.change++
	t.altered()
	t.moves++
	noExec, real := false, 0
	for _, m := range t.Mounts() {
		t.bump(m.root)
		noExec = noExec || m.Flags&unix.MS_NOEXEC != 0
		if !m.Magic {
			real++
		}
	}
	t.noExec.Store(noExec)
	t.several.Store(real > 1)
	close(t.told)
	t.told = make(chan struct{})
}

// Adds tells whether something was mounted on a name that was free.
func (t *Tree) Adds() bool { return t.adds.Load() }

// Told is closed when mounts change, and which state of them that is.
func (t *Tree) Told() (<-chan struct{}, uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.told, t.moves
}

// Below lists a mount and those mounted in it, in order of mounting.
func (t *Tree) Below(top *Mount) []*Mount {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.below(top)
}

func (t *Tree) below(top *Mount) []*Mount {
	in := map[*Mount]bool{top: true}
	list := []*Mount{top}
	for more := true; more; { // a mount may have been moved into a later one
		more = false
		for _, m := range t.Mounts() {
			if !in[m] && in[m.parent] {
				in[m], more = true, true
				list = append(list, m)
			}
		}
	}
	return list
}

// Detach takes a mount and those in it off the tree: umount(2), with deep as
// MNT_DETACH. EBUSY for the root, and if not deep where others are mounted in it.
// closed tells those of whom nothing is left in the tree.
func (t *Tree) Detach(m *Mount, deep bool) (closed []*Mount, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	gone := t.below(m)
	switch {
	case m.gone:
		return nil, unix.EINVAL
	case m.root == t.Root() || len(gone) > 1 && !deep:
		return nil, unix.EBUSY
	}
	t.unhang(m)
	m.root.parent, m.root.name = nil, ""
	var left []*Mount
	for _, x := range gone {
		x.gone, x.loose = true, false
	}
	used := map[FileSystem]bool{}
	for _, x := range t.Mounts() {
		if !x.gone {
			left = append(left, x)
			used[x.FS] = true
		}
	}
	if !deep { // else it is for the end
		t.ever = slices.DeleteFunc(t.ever, func(x *Mount) bool { return x.gone && !used[x.FS] })
	}
	for _, x := range gone {
		t.unlearn(x.root)
		if !used[x.FS] {
			used[x.FS] = true
			closed = append(closed, x)
		}
	}
	t.list(left)
	t.renew()
	return closed, nil
}

// unlearn has no host directory stand for those of a mount that has gone.
func (t *Tree) unlearn(d *Dir) {
	for _, k := range [...]fileID{{d.rec.Dev, d.rec.Ino}, {d.rec.AltDev, d.rec.AltIno}} {
		if t.byID[k] == d {
			delete(t.byID, k)
		}
	}
	for _, c := range d.children {
		t.unlearn(c)
	}
}

// Remount changes flags of a mount.
func (t *Tree) Remount(m *Mount, readOnly bool, flags uintptr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m.ReadOnly, m.Flags = readOnly, flags
	t.renew()
}

// Describe changes what is told of the options of a file system.
func (t *Tree) Describe(fs FileSystem, super string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, m := range t.Mounts() {
		if m.FS == fs {
			m.Super = super
		}
	}
	t.renew()
}

// ReadOnly tells whether a mount, which may be nil, refuses changes.
func (t *Tree) ReadOnly(m *Mount) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return m != nil && (m.ReadOnly || t.closed[m.FS])
}

// Close makes all mounts of a file system read-only, or with false leaves it to
// each of them.
func (t *Tree) Close(fs FileSystem, readOnly bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed == nil {
		t.closed = map[FileSystem]bool{}
	}
	t.closed[fs] = readOnly
	t.renew()
}

// Several tells, without a lock, whether there may be two mounts that show one
// directory.
func (t *Tree) Several() bool { return t.several.Load() }

// AnyNoExec tells, without a lock, whether some mount is MS_NOEXEC.
func (t *Tree) AnyNoExec() bool { return t.noExec.Load() }

// MayNotExec tells whether a mount is MS_NOEXEC.
func (t *Tree) MayNotExec(m *Mount) bool {
	return t.AnyNoExec() && m != nil && t.FlagsOf(m)&unix.MS_NOEXEC != 0
}

// FlagsOf are the MS_ flags of a mount as they are now.
func (t *Tree) FlagsOf(m *Mount) uintptr {
	t.mu.Lock()
	defer t.mu.Unlock()
	return m.Flags
}

// Gone tells whether a mount has been taken off the tree.
func (t *Tree) Gone(m *Mount) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return m.gone
}

// Host is the host file that the root of a mount stands for, "" if there is none.
func (m *Mount) Host() string { return m.host }

// HostDir is the host directory that stands for all of the mount, "" if none
// does.
func (m *Mount) HostDir() string {
	r, err := m.FS.Dir(m.top())
	if err != nil {
		return ""
	}
	return r.Host
}

// Ever lists what holds something of its own: one mount of each file system that
// was ever mounted after the tree was made.
func (t *Tree) Ever() []*Mount {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ever
}

// RootOf is the mount that a walk ended at the root of, nil if it ended elsewhere.
func (t *Tree) RootOf(w *Where) *Mount {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w.Name == "" && w.Dir == w.Dir.mount.root && !w.Dir.mount.gone {
		return w.Dir.mount
	}
	return nil
}

// RootDir is the root directory of a mount.
func (t *Tree) RootDir(m *Mount) *Dir {
	t.mu.Lock()
	defer t.mu.Unlock()
	return m.root
}
