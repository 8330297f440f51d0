package vfs

import (
	"bytes"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Glance is what is known of the end of a path without asking anybody.
type Glance struct {
	Class Class
	Flags Flags
	// Kind is the type of what the name stands for (unix.S_IFMT), 0 for
	// nothing, if Known.
	Kind  uint32
	Known bool
	// Native: given the path, the kernel would look for the name in the
	// directory that the record is about.
	Native bool
}

// Glance looks at a path as Walk does, as far as that is remembered. It makes
// no system call but for the time, and allocates nothing. Not ok: take the walk.
func (t *Tree) Glance(w *Walk, path []byte) (g Glance, ok bool) {
	slash := bytes.LastIndexByte(path, '/')
	last := path[slash+1:]
	if w.Resolve != 0 || len(last) == 0 || len(last) > nameMax || dots(last) {
		return g, false
	}
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	r, ok := t.recall(w, path, slash, now)
	if !ok || r.dir.mount.Magic || r.dir.over[string(last)] != nil {
		return g, false
	}
	g = Glance{Class: r.dir.rec.Class, Flags: r.dir.rec.Flags, Native: r.is(r.dir.rec.Host)}
	if n, ok := r.dir.names[string(last)]; ok && now.Sub(n.when) < fresh {
		g.Kind, g.Known = n.kind, true
	}
	if w.Follow && (!g.Known || g.Kind == unix.S_IFLNK) {
		return g, false
	}
	return g, true
}

// recalled is the directory that the first part of a path led to before, and the
// host directory where the kernel comes to: nat, with rest behind it.
type recalled struct {
	dir  *Dir
	nat  string
	rest []byte
}

// recall takes the directory part of a path, up to the slash, from the aliases
// of where it starts. The caller holds the lock.
func (t *Tree) recall(w *Walk, path []byte, slash int, now time.Time) (r recalled, ok bool) {
	absolute := path[0] == '/'
	r.dir, r.nat = w.Start, w.StartHost
	if absolute {
		if w.Root != t.Root() {
			return r, false
		}
		r.dir, r.nat = w.Root, "/"
	}
	if slash <= 0 {
		return r, w.Who == nil && r.dir.usable(now)
	}
	a, ok := r.dir.aliases[string(path[:slash])]
	if !ok || a.above && a.gone != t.gone || a.who != w.Who || a.who != nil && a.perm != t.perm || now.Sub(a.when) >= fresh ||
		!absolute && !a.plain && w.Root != t.Root() {
		return r, false
	}
	r.dir = a.dir
	switch {
	case absolute:
		r.nat = a.nat
	case !a.plain:
		r.nat = ""
	default:
		r.rest = path[:slash]
	}
	return r, r.dir.usable(now)
}

// host is the host directory that the kernel comes to, "" if it does not.
func (r *recalled) host() string {
	if r.nat == "" || len(r.rest) == 0 {
		return r.nat
	}
	return Join(r.nat, string(r.rest))
}

// is tells whether host is the host directory that the kernel comes to.
func (r *recalled) is(host string) bool {
	switch {
	case r.nat == "":
		return false
	case len(r.rest) == 0:
		return r.nat == host
	}
	before := strings.TrimSuffix(r.nat, "/")
	return len(host) == len(before)+1+len(r.rest) && host[:len(before)] == before &&
		host[len(before)] == '/' && host[len(before)+1:] == string(r.rest)
}
