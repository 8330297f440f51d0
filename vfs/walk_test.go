package vfs

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// from walks a path from a directory of the tree; the kernel's own start is
// host.
func from(t *Tree, start, host, path string, change func(*Walk)) (Where, error) {
	w := Walk{Root: t.Root(), Start: t.Root(), StartHost: host, Follow: true}
	if start != "/" {
		where, err := t.Walk(&Walk{Root: t.Root(), Start: t.Root(), Follow: true}, []byte(start+"/."))
		if err != nil {
			return where, err
		}
		w.Start = where.Dir
	}
	if change != nil {
		change(&w)
	}
	return t.Walk(&w, []byte(path))
}

// end is where a walk came to, as a path of its file system, or the errno.
func end(w Where, err error) string {
	if err != nil {
		return unix.ErrnoName(Errno(err))
	}
	if w.Slash && w.Name != "" {
		return w.Path() + "/"
	}
	return w.Path()
}

func world() *Tree {
	names := []string{"/a/", "/a/b/", "/a/b/f", "/a/up -> ..", "/a/abs -> /a/b", "/l -> a/b", "/lf -> a/b/f",
		"/self -> self", "/ls -> a/b/", "/lfs -> a/b/f/", "/gone -> nowhere", "/deep -> l/../b/./f", "/f", "/empty/",
		"/c0 -> f", "/" + strings.Repeat("n", 255)}
	for i := 1; i <= 45; i++ {
		names = append(names, fmt.Sprintf("/c%d -> c%d", i, i-1))
	}
	return NewTree(&Mount{FS: newFake(names...)})
}

func TestWalk(t *testing.T) {
	nofollow := func(w *Walk) { w.Follow = false }
	bare := func(w *Walk) { w.Follow, w.Bare = false, true }
	long := strings.Repeat("n", 256)
	tests := []struct {
		path, want string
		change     func(*Walk)
	}{
		{"", "ENOENT", nil},
		{"/", "/", nil},
		{"///", "/", nil},
		{".", "/", nil},
		{"..", "/", nil},
		{"/..", "/", nil},
		{"/../../f", "/f", nil},
		{"a", "/a", nil},
		{"a/", "/a/", nil},
		{"a//", "/a/", nil},
		{"//a///b", "/a/b", nil},
		{"a/.", "/a", nil},
		{"a/./", "/a", nil},
		{"a/..", "/", nil},
		{"a/b/../b/f", "/a/b/f", nil},
		{"f/", "/f/", nil},
		{"f/.", "ENOTDIR", nil},
		{"f/..", "ENOTDIR", nil},
		{"f/x", "ENOTDIR", nil},
		{"nothing", "/nothing", nil},
		{"nothing/", "/nothing/", nil},
		{"nothing/x", "ENOENT", nil},
		{"nothing/.", "ENOENT", nil},
		{"l", "/a/b", nil},
		{"l", "/l", nofollow},
		{"l/", "/a/b/", nofollow},
		{"l/", "/l/", bare},
		{"l/f", "/a/b/f", nofollow},
		{"l/f", "/a/b/f", bare},
		{"ls", "/a/b/", nil},
		{"ls/f", "/a/b/f", nil},
		{"lf/f", "ENOTDIR", nil},
		{"lfs", "/a/b/f/", nil},
		{"lfs/x", "ENOTDIR", nil},
		{"a/up/f", "/f", nil},
		{"a/abs/f", "/a/b/f", nil},
		{"deep", "/a/b/f", nil},
		{"gone", "/nowhere", nil},
		{"gone", "/gone", nofollow},
		{"gone/x", "ENOENT", nil},
		{"self", "ELOOP", nil},
		{"self", "/self", nofollow},
		{"self/x", "ELOOP", nil},
		{"c39", "/f", nil},
		{"c40", "ELOOP", nil},
		{long[:255], "/" + long[:255], nil},
		{long, "ENAMETOOLONG", nil},
		{long + "/x", "ENAMETOOLONG", nil},
		{"nothing/" + long, "ENOENT", nil},
		{"l", "ELOOP", func(w *Walk) { w.Resolve = unix.RESOLVE_NO_SYMLINKS }},
		{"l", "/l", func(w *Walk) { w.Resolve, w.Follow = unix.RESOLVE_NO_SYMLINKS, false }},
		{"l/f", "ELOOP", func(w *Walk) { w.Resolve, w.Follow = unix.RESOLVE_NO_SYMLINKS, false }},
		{"/a", "EXDEV", func(w *Walk) { w.Resolve = unix.RESOLVE_BENEATH }},
		{"a/../f", "/f", func(w *Walk) { w.Resolve = unix.RESOLVE_BENEATH }},
		{"..", "EXDEV", func(w *Walk) { w.Resolve = unix.RESOLVE_BENEATH }},
		{"a/../../f", "EXDEV", func(w *Walk) { w.Resolve = unix.RESOLVE_BENEATH }},
		{"a/abs", "EXDEV", func(w *Walk) { w.Resolve = unix.RESOLVE_BENEATH }},
		{"../../f", "/f", func(w *Walk) { w.Resolve = unix.RESOLVE_IN_ROOT }},
	}
	for _, x := range tests {
		name := x.path
		if len(name) > 30 {
			name = name[:30]
		}
		t.Run(name, func(t *testing.T) {
			tree := world()
			for again := range 2 { // the second time from what is remembered
				if got := end(from(tree, "/", "", x.path, x.change)); got != x.want {
					t.Errorf("time %d: %q leads to %s, want %s", again, x.path, got, x.want)
				}
			}
		})
	}
}

// Scoped walks from a directory that is not the root.
func TestWalkScoped(t *testing.T) {
	tests := []struct {
		path    string
		resolve uint64
		want    string
	}{
		{"..", unix.RESOLVE_BENEATH, "EXDEV"},
		{"up", unix.RESOLVE_BENEATH, "EXDEV"},
		{"b/../b/f", unix.RESOLVE_BENEATH, "/a/b/f"},
		{"..", unix.RESOLVE_IN_ROOT, "/a"},
		{"../../b/f", unix.RESOLVE_IN_ROOT, "/a/b/f"},
		{"/b/f", unix.RESOLVE_IN_ROOT, "/a/b/f"},
		{"up/b", unix.RESOLVE_IN_ROOT, "/a/b"},
		{"abs", unix.RESOLVE_IN_ROOT, "ENOENT"},
		{"up/f", 0, "/f"},
	}
	for _, x := range tests {
		if got := end(from(world(), "/a", "", x.path, func(w *Walk) { w.Resolve = x.resolve })); got != x.want {
			t.Errorf("%q from /a with %#x leads to %s, want %s", x.path, x.resolve, got, x.want)
		}
	}
}

// mounted is a world with a second file system at /a/b.
func mounted(t *testing.T) *Tree {
	t.Helper()
	tree := world()
	if err := tree.Mount(&Mount{Point: "/a/b", FS: newFake("/in/", "/in/g", "/out -> /f", "/over -> ..")}); err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestWalkMounts(t *testing.T) {
	noXdev := func(w *Walk) { w.Resolve = unix.RESOLVE_NO_XDEV }
	tests := []struct {
		start, path, want string
		change            func(*Walk)
	}{
		{"/", "a/b", "/", nil},
		{"/", "a/b/in/g", "/in/g", nil},
		{"/", "l/in/g", "/in/g", nil},
		{"/", "a/b/..", "/a", nil},
		{"/", "a/b/in/../../b/in", "/in", nil},
		{"/a/b/in", "../../../f", "/f", nil},
		{"/a/b", "over", "/a", nil},
		{"/a/b", "out", "/f", nil},
		{"/", "a/b/f", "/f", nil}, // the mount's own, which need not exist
		{"/", "a/b/in", "EXDEV", noXdev},
		{"/", "a/b", "EXDEV", noXdev},
		{"/", "l", "EXDEV", noXdev},
		{"/a/b", "..", "EXDEV", noXdev},
		{"/a/b", "out", "EXDEV", noXdev},
		{"/a/b", "in/g", "/in/g", noXdev},
		{"/", "a/up/a", "/a", noXdev},
	}
	for _, x := range tests {
		tree := mounted(t)
		for again := range 2 {
			if got := end(from(tree, x.start, "", x.path, x.change)); got != x.want {
				t.Errorf("time %d: %q from %s leads to %s, want %s", again, x.path, x.start, got, x.want)
			}
		}
	}
}

// A root of the guest's own (chroot) is never left upwards.
func TestWalkChroot(t *testing.T) {
	tree := world()
	a, err := from(tree, "/", "", "a/.", nil)
	if err != nil {
		t.Fatal(err)
	}
	inside := func(w *Walk) { w.Root = a.Dir }
	for path, want := range map[string]string{
		"/": "/a", "/..": "/a", "..": "/a", "../..": "/a", "/b/f": "/a/b/f", "up/../b": "/a/b", "abs": "ENOENT", "../f": "/a/f", "../../f": "/a/f",
	} {
		if got := end(from(tree, "/a", "/a", path, inside)); got != want {
			t.Errorf("%q in the root /a leads to %s, want %s", path, got, want)
		}
	}
}

// What somebody with the real root has walked must not lead another out of his.
func TestWalkChrootRemembers(t *testing.T) {
	tree := NewTree(&Mount{FS: newFake("/a/", "/a/etc/", "/a/etc/f", "/etc/", "/etc/f")})
	a, err := from(tree, "/", "", "a/.", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := end(from(tree, "/a", "", "../etc/f", nil)); got != "/etc/f" {
		t.Fatalf("../etc/f from /a leads to %s", got)
	}
	if got := end(from(tree, "/a", "", "../etc/f", func(w *Walk) { w.Root = a.Dir })); got != "/a/etc/f" {
		t.Errorf("../etc/f in the root /a leads to %s, want /a/etc/f: out of the chroot", got)
	}
}

// barred is somebody who may not search one directory.
type barred struct {
	tree *Tree
	dir  string
}

func (b barred) MaySearch(a *Attr) error {
	if d, _ := b.tree.Root().mount.FS.Lstat(b.dir); a.Ino == d.Ino {
		return unix.EACCES
	}
	return nil
}

func TestWalkPermission(t *testing.T) {
	tree := world()
	refuse := func(w *Walk) {
		w.Who = barred{tree, "/a/b"}
	}
	for path, want := range map[string]string{"a/b": "/a/b", "a/b/f": "EACCES", "a/b/.": "EACCES", "l/f": "EACCES", "a/b/..": "EACCES", "f": "/f"} {
		// Another may, and has been there before.
		from(tree, "/", "", path, nil)
		if got := end(from(tree, "/", "", path, refuse)); got != want {
			t.Errorf("%q leads to %s, want %s", path, got, want)
		}
		if got := end(from(tree, "/", "", "/"+path, refuse)); got != want {
			t.Errorf("%q leads to %s, want %s", "/"+path, got, want)
		}
	}
}
