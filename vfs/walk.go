package vfs

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	nameMax  = 255 // bytes in a name (NAME_MAX)
	maxLinks = 40  // symbolic links in one walk (path_resolution(7))
)

// Searcher is somebody's permission to search directories, a comparable value.
type Searcher interface {
	// MaySearch gives EACCES or nil.
	MaySearch(dir *Attr) error
}

// Walk is one path resolution (path_resolution(7)).
type Walk struct {
	Root  *Dir // what "/" and the topmost ".." mean to the guest
	Start *Dir // where a relative path starts
	// StartHost is the host directory that the kernel would start from: the
	// guest's real working directory or dirfd.
	StartHost string
	Follow    bool // follow a link at the end of the path
	// Bare: the last name itself is meant even with a slash behind it, as in
	// mkdir, rmdir, unlink and rename. That it is too long is for the operation
	// to say, which looks at other things before.
	Bare bool
	// Who is the one whose search permission counts; nil for somebody who
	// may search everything.
	Who Searcher
	// Jump resolves a magic link of procfs: its target as a host path, or
	// false if it is no link to a path; and in which mount that was opened, if
	// that is known.
	Jump func(hostLink string) (Target, *Mount, bool)
	// TGID and TID are what /proc/self and /proc/thread-self mean.
	TGID, TID int
	// Resolve is the RESOLVE_ flags of openat2(2).
	Resolve uint64
	// Patient: the caller may wait for what lies far away. Others get ErrFar.
	Patient bool

	links  int
	jumped bool // by a magic link, which leads each process elsewhere
}

// Target is what a magic link stands for: a host path.
type Target struct {
	Path string
	// Elsewhere: the kernel's own link leads to another place.
	Elsewhere bool
}

// Where is the end of a walk: a name in a directory, or with an empty Name the
// directory itself.
type Where struct {
	Dir   *Dir
	Rec   Record // of Dir
	FS    FileSystem
	Fresh *Owner // of the mount
	dir   string // path of Dir inside FS
	Name  string
	// Nat is the host directory in which the kernel would look for Name if
	// the guest's own path were left to it; empty if it would not get to
	// where the view does.
	Nat string
	// Slash: the path ended in a slash, the file must be a directory.
	Slash bool
	// Kernel: the end is a magic link to something without a path: only the
	// kernel can follow it.
	Kernel bool
	// MountPoint: the name is where a file system is mounted.
	MountPoint bool
	// Far: a look at the file may have to be waited for, and the walk was not
	// allowed to.
	Far     bool
	patient bool
}

// Mount is the mount that the end of the walk lies in.
func (w *Where) Mount() *Mount { return w.Dir.mount }

// SameMount tells that two walks ended in one mount.
func (w *Where) SameMount(x *Where) bool { return w.Dir.mount == x.Dir.mount }

// Last is the attributes of a name that is not followed to what is mounted
// there: of the root of that instead, which is of the same type.
func (w *Where) Last(t *Tree) (Attr, error) {
	t.mu.Lock()
	m := w.Dir.over[w.Name]
	t.mu.Unlock()
	if w.MountPoint && w.Name != "" && m != nil {
		return m.FS.Lstat(m.top())
	}
	return w.FS.Lstat(w.Path())
}

// At is the end of a walk at a directory with a record.
func At(d *Dir, r Record) Where {
	return Where{Dir: d, Rec: r, FS: d.mount.FS, Fresh: d.mount.Fresh, dir: d.fsPath}
}

// Path is the path of the file inside FS.
func (w *Where) Path() string { return Join(w.dir, w.Name) }

// NatPath is the host path of the file that the kernel would find, or "".
func (w *Where) NatPath() string {
	if w.Nat == "" {
		return ""
	}
	return Join(w.Nat, w.Name)
}

// Walk resolves a path. The directory of the last name must exist; the last
// name need not. Errors: ENOENT, ENOTDIR, ELOOP, EACCES, ENAMETOOLONG, EXDEV, and
// ErrFar where the caller is not patient.
func (t *Tree) Walk(w *Walk, path []byte) (Where, error) {
	where, err := t.walk(w, path)
	if err == nil {
		where.near(w.Patient)
	}
	return where, err
}

func (t *Tree) walk(w *Walk, path []byte) (Where, error) {
	if len(path) == 0 {
		return Where{}, unix.ENOENT
	}
	now := time.Now()
	w.links, w.jumped = 0, false
	slash := bytes.LastIndexByte(path, '/')
	last := path[slash+1:]
	if w.Resolve == 0 && len(last) > 0 && len(last) <= nameMax && !dots(last) {
		if where, ok := t.remembered(w, path, slash, now); ok {
			return t.finish(w, where, now)
		}
	}
	return t.slow(w, path, now)
}

func dots(name []byte) bool {
	return name[0] == '.' && (len(name) == 1 || len(name) == 2 && name[1] == '.')
}

// remembered takes the directory part of the path from the start's aliases.
func (t *Tree) remembered(w *Walk, path []byte, slash int, now time.Time) (Where, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r, ok := t.recall(w, path, slash, now)
	if !ok {
		return Where{}, false
	}
	return t.at(r.dir, string(path[slash+1:]), r.host()), true
}

// at makes a Where. The caller holds the lock.
func (t *Tree) at(d *Dir, name, nat string) Where {
	w := Where{Dir: d, Rec: d.rec, FS: d.mount.FS, Fresh: d.mount.Fresh, dir: d.fsPath, Name: name, Nat: nat}
	if m := d.over[name]; m != nil && name != "" {
		w.MountPoint = true
	}
	return w
}

// step is the state of a slow walk.
type step struct {
	dir   *Dir
	nat   string
	there bool // nat is a directory for sure
	plain bool
}

// slow walks component by component.
func (t *Tree) slow(w *Walk, path []byte, now time.Time) (Where, error) {
	s := step{dir: w.Start, nat: w.StartHost, there: true, plain: true}
	if path[0] == '/' {
		if w.Resolve&unix.RESOLVE_BENEATH != 0 {
			return Where{}, unix.EXDEV
		}
		t.toRoot(w, &s)
	}
	return t.along(w, &s, string(path), now)
}

func (t *Tree) toRoot(w *Walk, s *step) {
	s.plain = true
	if w.Resolve&unix.RESOLVE_IN_ROOT != 0 {
		s.dir, s.nat = w.Start, w.StartHost
		return
	}
	s.dir, s.nat = w.Root, ""
	if w.Root == t.Root() {
		s.nat, s.there = "/", true
	}
}

// along walks a path from s and remembers the directory that it led to.
func (t *Tree) along(w *Walk, s *step, path string, now time.Time) (Where, error) {
	from, text := *s, path
	absolute := strings.HasPrefix(path, "/")
	rest := strings.TrimLeft(path, "/")
	for {
		rec, err := t.search(w, s.dir, now)
		if err != nil {
			return Where{}, err
		}
		name := rest
		more := ""
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			name, more = rest[:i], strings.TrimLeft(rest[i:], "/")
		}
		last := more == ""
		slash := last && len(name) < len(rest)
		if len(name) > nameMax && !(last && w.Bare) {
			return Where{}, unix.ENAMETOOLONG
		}
		if last && name != "" && name != "." && name != ".." {
			if !slash {
				t.remember(w, &from, s, text[:len(text)-len(name)], absolute, now)
			}
			t.mu.Lock()
			where := t.at(s.dir, name, s.nat)
			t.mu.Unlock()
			where.Rec, where.Slash = rec, slash
			return t.finish(w, where, now)
		}
		if name == "" || name == "." || name == ".." {
			if name == ".." {
				if err := t.up(w, s); err != nil {
					return Where{}, err
				}
				who := w.Who // it is asked for when a name is looked up there
				w.Who = nil
				rec, err = t.search(w, s.dir, now)
				if w.Who = who; err != nil {
					return Where{}, err
				}
			}
			if last {
				t.mu.Lock()
				where := t.at(s.dir, "", s.nat)
				t.mu.Unlock()
				where.Rec = rec
				return where, nil
			}
			rest = more
			continue
		}
		jumped, err := t.enter(w, s, rec, name, more, now)
		if err != nil {
			return Where{}, err
		}
		if jumped != nil {
			return *jumped, nil
		}
		rest = more
	}
}

// search loads a directory on the way and checks that it may be searched.
func (t *Tree) search(w *Walk, d *Dir, now time.Time) (Record, error) {
	t.mu.Lock()
	usable, rec := d.usable(now), d.rec
	dead := d.dead
	t.mu.Unlock()
	if dead {
		return rec, unix.ENOENT
	}
	var err error
	if !usable {
		if rec, err = t.load(d, now, w.Patient); err != nil {
			return rec, err
		}
	}
	if w.Who != nil && !(d.mount.Magic && w.own(d.fsPath)) {
		if err := d.mount.near(d.fsPath, "", w.Patient); err != nil {
			return rec, err
		}
		a, err := d.mount.FS.Lstat(d.fsPath)
		if err != nil {
			return rec, err
		}
		a.ACL = ACLAt{d.mount.FS, d.fsPath}
		if err := w.Who.MaySearch(&a); err != nil {
			return rec, err
		}
	}
	return rec, nil
}

// own tells that a directory of procfs is one of the caller's own, which it may
// always search (proc_fd_permission in fs/proc/fd.c).
func (w *Walk) own(path string) bool {
	rest, ok := strings.CutPrefix(path, "/"+strconv.Itoa(w.TGID))
	return ok && (rest == "" || rest[0] == '/')
}

func (t *Tree) up(w *Walk, s *step) error {
	s.plain = false
	if w.Resolve&unix.RESOLVE_BENEATH != 0 && s.dir == w.Start {
		return unix.EXDEV
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.dir == w.Root || s.dir.parent == nil || w.Resolve&unix.RESOLVE_IN_ROOT != 0 && s.dir == w.Start {
		if s.nat != "/" {
			s.nat = "" // held here, but not by the kernel
		}
		s.dir = t.uppermostAt(s.dir)
		return nil
	}
	if w.Resolve&unix.RESOLVE_NO_XDEV != 0 && s.dir.mount != s.dir.parent.mount {
		return unix.EXDEV
	}
	if s.nat != "" && (s.there || s.nat == s.dir.rec.Host) {
		s.nat, s.there = parentOf(s.nat), true
	} else {
		s.nat = ""
	}
	s.dir = t.uppermostAt(s.dir.parent)
	return nil
}

func parentOf(p string) string {
	i := strings.LastIndexByte(p, '/')
	if i <= 0 {
		return "/"
	}
	return p[:i]
}

// remember keeps where the directory part of a path led.
func (t *Tree) remember(w *Walk, from, s *step, text string, absolute bool, now time.Time) {
	key := strings.TrimSuffix(text, "/")
	if key == "" || w.Resolve != 0 || w.jumped || w.links > 0 && !absolute || s.dir.mount.Magic {
		return
	}
	if absolute && (from.dir != t.Root() || from.nat != "/") {
		return // another root, or a link of the view's own led here
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	plain := s.plain && w.links == 0 && !strings.Contains(key, "//") && !strings.HasPrefix(key, "./") && !strings.Contains(key, "/./")
	if !absolute && !plain && w.Root != t.Root() {
		return // ".." may have been held at that root
	}
	if from.dir.aliases == nil {
		from.dir.aliases = map[string]alias{}
	}
	if len(from.dir.aliases) > mostDirs {
		clear(from.dir.aliases)
	}
	from.dir.aliases[key] = alias{dir: s.dir, nat: s.nat, plain: plain, who: w.Who, perm: t.perm, above: !s.plain, gone: t.gone, when: now}
}
