package vfs

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// enter goes into the directory that a name of s.dir stands for, through
// links. A link whose walk ended the whole path (a magic one without a path)
// gives its Where.
func (t *Tree) enter(w *Walk, s *step, rec Record, name, more string, now time.Time) (*Where, error) {
	t.mu.Lock()
	m := s.dir.over[name]
	known := s.dir.children[name]
	usable := known != nil && known.usable(now)
	t.mu.Unlock()
	if m == nil && !usable {
		kind, err := t.kind(s.dir, name, now, w.Patient)
		if err != nil {
			return nil, err
		}
		switch kind {
		case 0:
			return nil, unix.ENOENT
		case unix.S_IFDIR:
		case unix.S_IFLNK:
			return t.through(w, s, name, more, now)
		default:
			return nil, unix.ENOTDIR
		}
	}
	if m != nil && m.kind != unix.S_IFDIR {
		return nil, unix.ENOTDIR
	}
	if m != nil && w.Resolve&unix.RESOLVE_NO_XDEV != 0 {
		return nil, unix.EXDEV
	}
	t.mu.Lock()
	s.dir = t.child(s.dir, name)
	t.mu.Unlock()
	if s.nat != "" {
		s.nat, s.there = Join(s.nat, name), false
	}
	return nil, nil
}

// through follows a link in the middle of a path, so that s is the directory
// that it leads to.
func (t *Tree) through(w *Walk, s *step, name, more string, now time.Time) (*Where, error) {
	where, err := t.follow(w, s.dir, name, s.nat, now)
	if err != nil {
		return nil, err
	}
	if where.Kernel {
		// Only the kernel can enter it: what comes behind is its business.
		if a, err := HostStatAt(unix.AT_FDCWD, Join(where.Rec.Host, where.Name), 0); err != nil {
			return nil, err
		} else if !a.IsDir() {
			return nil, unix.ENOTDIR
		}
		where.Name = Join(where.Name, more)
		return &where, nil
	}
	s.plain = false
	if where.Name != "" {
		kind, err := t.kind(where.Dir, where.Name, now, w.Patient)
		switch {
		case err != nil:
			return nil, err
		case kind == 0:
			return nil, unix.ENOENT
		case kind != unix.S_IFDIR:
			return nil, unix.ENOTDIR
		}
		t.mu.Lock()
		s.dir = t.child(where.Dir, where.Name)
		t.mu.Unlock()
	} else {
		s.dir = where.Dir
	}
	s.nat, s.there = where.NatPath(), false
	return nil, nil
}

// finish follows a link at the end of a path where that is asked for.
func (t *Tree) finish(w *Walk, where Where, now time.Time) (Where, error) {
	if where.MountPoint {
		if w.Bare {
			return where, nil
		}
		if w.Resolve&unix.RESOLVE_NO_XDEV != 0 {
			return Where{}, unix.EXDEV
		}
		return t.cross(where, now, w.Patient)
	}
	if !(w.Follow || where.Slash && !w.Bare) || where.Name == "" {
		return where, nil
	}
	kind, err := t.kind(where.Dir, where.Name, now, w.Patient)
	if err == ErrFar {
		return where, err
	}
	if err != nil || kind != unix.S_IFLNK {
		return where, nil // whatever is wrong, the operation itself will say
	}
	slash := where.Slash
	where, err = t.follow(w, where.Dir, where.Name, where.Nat, now)
	where.Slash = where.Slash || slash
	return where, err
}

// cross goes from a mount point to the root of what is mounted there.
func (t *Tree) cross(where Where, now time.Time, patient bool) (Where, error) {
	t.mu.Lock()
	d := where.Dir.over[where.Name].root
	rec, usable := d.rec, d.usable(now)
	t.mu.Unlock()
	if !usable {
		var err error
		if rec, err = t.load(d, now, patient); Errno(err) == unix.ENOENT {
			rec = Record{Class: ClassVirtual} // what was bound has been removed, and is mounted all the same
		} else if err != nil {
			return where, err
		}
	}
	return Where{Dir: d, Rec: rec, FS: d.mount.FS, Fresh: d.mount.Fresh, dir: d.fsPath, Nat: where.NatPath(), MountPoint: true, Slash: where.Slash}, nil
}

// follow resolves the link that a name stands for, to its end.
func (t *Tree) follow(w *Walk, d *Dir, name, nat string, now time.Time) (Where, error) {
	if w.links++; w.links > maxLinks {
		return Where{}, unix.ELOOP
	}
	if w.Resolve&unix.RESOLVE_NO_SYMLINKS != 0 {
		return Where{}, unix.ELOOP
	}
	t.mu.Lock()
	m, rec := d.mount, d.rec
	closed := m.Flags&unix.MS_NOSYMFOLLOW != 0
	t.mu.Unlock()
	if closed {
		return Where{}, unix.ELOOP
	}
	if m.Magic {
		fsPath := Join(d.fsPath, name)
		return t.magic(w, d, name, nat, rec, fsPath, now)
	}
	if err := m.near(d.fsPath, name, w.Patient); err != nil {
		return Where{}, err
	}
	target, host, err := t.link(d, name, now)
	if err != nil {
		return Where{}, err
	}
	s := step{dir: d, plain: false}
	// The kernel follows the same link only if the view's link is the host's
	// own.
	if nat != "" && host == Join(nat, name) {
		s.nat = nat
	}
	return t.text(w, &s, target, now)
}

// link is the text of a symbolic link and the host path where it lies, "" if it
// lies nowhere.
func (t *Tree) link(d *Dir, name string, now time.Time) (target, host string, err error) {
	t.mu.Lock()
	n, known := d.names[name]
	m, p, change := d.mount, Join(d.fsPath, name), t.change
	t.mu.Unlock()
	known = known && now.Sub(n.when) < fresh && n.kind == unix.S_IFLNK
	if known && n.target != "" {
		return n.target, n.host, nil
	}
	if target, err = m.FS.Readlink(p); err != nil {
		return "", "", err
	}
	if place, err := m.FS.Open(p, How{Flags: unix.O_PATH | unix.O_NOFOLLOW}); err == nil {
		host = place.Host
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if known && change == t.change {
		n.target, n.host = target, host
		d.names[name] = n
	}
	return target, host, nil
}

// text goes on with the text of a link.
func (t *Tree) text(w *Walk, s *step, target string, now time.Time) (Where, error) {
	if target == "" {
		return Where{}, unix.ENOENT
	}
	if strings.HasPrefix(target, "/") {
		if w.Resolve&unix.RESOLVE_BENEATH != 0 {
			return Where{}, unix.EXDEV
		}
		same, from := s.nat != "", s.dir
		t.toRoot(w, s)
		if w.Resolve&unix.RESOLVE_NO_XDEV != 0 && from.mount != s.dir.mount {
			return Where{}, unix.EXDEV
		}
		if !same {
			s.nat = ""
		}
	}
	follow := w.Follow
	w.Follow = true
	defer func() { w.Follow = follow }()
	return t.along(w, s, target, now)
}

// magic follows a link of procfs: /proc/self and those that jump
// (/proc/PID/fd/N, cwd, root, exe).
func (t *Tree) magic(w *Walk, d *Dir, name, nat string, rec Record, fsPath string, now time.Time) (Where, error) {
	s := step{dir: d, nat: nat}
	switch fsPath {
	case "/self":
		return t.text(w, &s, strconv.Itoa(w.TGID), now)
	case "/thread-self":
		return t.text(w, &s, strconv.Itoa(w.TGID)+"/task/"+strconv.Itoa(w.TID), now)
	case "/mounts":
		return t.text(w, &s, "self/mounts", now)
	case "/net":
		return t.text(w, &s, "self/net", now)
	}
	if w.Resolve&unix.RESOLVE_NO_MAGICLINKS != 0 {
		return Where{}, unix.ELOOP
	}
	if w.Resolve&(unix.RESOLVE_BENEATH|unix.RESOLVE_IN_ROOT) != 0 {
		return Where{}, unix.EXDEV // nd_jump_link in fs/namei.c
	}
	if w.Jump != nil {
		if host, m, ok := w.Jump(Join(rec.Host, name)); ok {
			if start, p, ok := t.Lead(host.Path, m); ok {
				if host.Elsewhere || start != t.Root() {
					host.Path = ""
				}
				return t.jump(w, d, start, host.Path, p, now)
			}
		}
	}
	t.mu.Lock()
	where := t.at(d, name, nat)
	t.mu.Unlock()
	where.Rec, where.Kernel = rec, true
	return where, nil
}

// jump goes to the file that a magic link of a directory leads to, which is the
// very file: nobody's permission is asked on the way, and if it is a link, that.
// host is where the link leads the kernel, "" if not there.
func (t *Tree) jump(w *Walk, from, start *Dir, host, path string, now time.Time) (Where, error) {
	w.jumped = true
	follow, bare, who, resolve := w.Follow, w.Bare, w.Who, w.Resolve
	w.Follow, w.Bare, w.Who, w.Resolve = false, false, nil, 0
	defer func() { w.Follow, w.Bare, w.Who, w.Resolve = follow, bare, who, resolve }()
	where, err := t.along(w, &step{dir: start}, path, now)
	switch {
	case where.Name == "":
		where.Nat = host // where the kernel is, be it in another layer
	case strings.HasSuffix(host, "/"+where.Name):
		where.Nat = parentOf(host)
	default:
		where.Nat = ""
	}
	if err == nil && resolve&unix.RESOLVE_NO_XDEV != 0 && where.Dir.mount != from.mount {
		err = unix.EXDEV
	}
	return where, err
}

// kind is the type of what a name stands for, 0 if nothing. It is remembered
// for a while; that there is nothing, only where the kernel makes no file for a
// guest without a word to the tree.
func (t *Tree) kind(d *Dir, name string, now time.Time, patient bool) (uint32, error) {
	t.mu.Lock()
	if x := d.over[name]; x != nil {
		t.mu.Unlock()
		return x.kind, nil
	}
	if n, ok := d.names[name]; ok && now.Sub(n.when) < fresh {
		t.mu.Unlock()
		return n.kind, nil
	}
	m, p, change := d.mount, Join(d.fsPath, name), t.change
	t.mu.Unlock()
	if err := m.near(p, "", patient); err != nil {
		return 0, err
	}
	kind, shut := uint32(0), false
	a, err := m.FS.Lstat(p)
	switch Errno(err) {
	case 0:
		kind, shut = a.Kind(), a.Perm()&0o400 == 0
	case unix.ENOENT:
	default:
		return 0, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !m.Magic && change == t.change && (kind != 0 || d.rec.Class.told()) {
		if d.names == nil {
			d.names = map[string]nameInfo{}
		}
		if len(d.names) > mostDirs {
			clear(d.names)
		}
		d.names[name] = nameInfo{kind: kind, shut: shut, when: now}
	}
	return kind, nil
}

// Kind is the type of what the end of a walk stands for, 0 if nothing. ErrFar
// where the walk was not patient.
func (t *Tree) Kind(w *Where) (uint32, error) {
	if w.Name == "" {
		if w.Dir == w.Dir.mount.root {
			return w.Dir.mount.kind, nil
		}
		return unix.S_IFDIR, nil
	}
	return t.kind(w.Dir, w.Name, time.Now(), w.patient)
}

// Shut tells that the end of a walk, of which the type has been asked, is a file
// that its owner may not read by its mode.
func (t *Tree) Shut(w *Where) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return w.Name != "" && w.Dir.names[w.Name].shut
}
