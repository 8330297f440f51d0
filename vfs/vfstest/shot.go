package vfstest

import (
	"fmt"
	"path"
	"sort"
	"strings"
	"testing"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Shot is a tree as text, one line a file in order of path: type and mode,
// owner, size, data or target, an attribute, and which names are links of one
// file. Numbers of files and link counts of directories are left out.
type Shot []string

// Take walks a tree. It also holds the tree to laws that need no second one:
// d_ino and d_type agree with stat.
func Take(t *testing.T, g Target) Shot {
	t.Helper()
	w := &walk{t: t, g: g, first: map[[2]uint64]string{}}
	w.dir("/")
	return w.lines
}

type walk struct {
	t     *testing.T
	g     Target
	lines Shot
	first map[[2]uint64]string
}

func (w *walk) dir(p string) {
	w.t.Helper()
	list, err := w.g.List(p)
	if err != nil {
		w.t.Errorf("list %s: %v", p, err)
		return
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	for i, e := range list {
		if i > 0 && list[i-1].Name == e.Name {
			w.t.Errorf("%s lists %q twice", p, e.Name)
		}
		if e.Name != "." && e.Name != ".." {
			w.file(path.Join(p, e.Name), e)
		}
	}
}

func (w *walk) file(p string, e vfs.Dirent) {
	w.t.Helper()
	a, err := w.g.Lstat(p)
	if err != nil {
		w.t.Errorf("%s is listed, but: %v", p, err)
		return
	}
	if a.Ino != e.Ino {
		w.t.Errorf("%s: d_ino %d, st_ino %d", p, e.Ino, a.Ino)
	}
	if e.Type != unix.DT_UNKNOWN && uint32(e.Type) != a.Kind()>>12 {
		w.t.Errorf("%s: d_type %d, mode %o", p, e.Type, a.Mode)
	}
	line := fmt.Sprintf("%s %o %d:%d", p, a.Mode, a.Uid, a.Gid)
	if !a.IsDir() {
		id := [2]uint64{a.Dev(), a.Ino}
		if w.first[id] == "" {
			w.first[id] = p
		}
		line += fmt.Sprintf(" links=%d of=%s", a.Nlink, w.first[id])
	}
	switch a.Kind() {
	case unix.S_IFREG:
		text, err := w.g.Read(p)
		if err != nil || uint64(len(text)) != a.Size {
			w.t.Errorf("read %s: %d bytes of %d, %v", p, len(text), a.Size, err)
		}
		line += fmt.Sprintf(" %q", text)
	case unix.S_IFLNK:
		target, err := w.g.Readlink(p)
		line += fmt.Sprintf(" -> %s %v", target, err)
	case unix.S_IFCHR, unix.S_IFBLK:
		line += fmt.Sprintf(" %x", a.Rdev())
	}
	if v, err := w.g.Getxattr(p, "user.test"); err == nil {
		line += " x=" + v
	}
	w.lines = append(w.lines, line)
	if a.IsDir() {
		w.dir(p)
	}
}

// Compare reports the lines that only one of two trees has.
func Compare(t *testing.T, what string, want, got Shot) bool {
	t.Helper()
	a, b := missing(want, got), missing(got, want)
	if len(a)+len(b) == 0 {
		return true
	}
	t.Errorf("%s:\n  want:\n    %s\n  got:\n    %s", what, strings.Join(a, "\n    "), strings.Join(b, "\n    "))
	return false
}

func missing(from, in Shot) []string {
	has := map[string]bool{}
	for _, l := range in {
		has[l] = true
	}
	var out []string
	for _, l := range from {
		if !has[l] {
			out = append(out, l)
		}
	}
	return out
}
