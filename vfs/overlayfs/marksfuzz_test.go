package overlayfs_test

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs/overlayfs"
	"github.com/veduta/veduta/vfs/owner"
	"github.com/veduta/veduta/vfs/vfstest"
)

// FuzzRedirect: a mark leads into the layers or nowhere.
func FuzzRedirect(f *testing.F) {
	for _, mark := range []string{"/a/b", "a", "..", "/../etc", "/a//b", "", "/", "a/b", "a\x00b", "/."} {
		f.Add(mark)
	}
	f.Fuzz(func(t *testing.T, mark string) {
		to, ok := overlayfs.Redirect(mark, "/parent")
		if ok && (to != path.Clean(to) || to == "/" || !path.IsAbs(to) || !path.IsAbs(mark) && path.Dir(to) != "/parent") {
			t.Errorf("%q leads to %q", mark, to)
		}
	})
}

// FuzzMarks: whatever the marks of an upper layer are, each name of the view that
// is listed is found, once.
func FuzzMarks(f *testing.F) {
	f.Add("y", "", "y", "y", true)
	f.Add("x", "/old", "y", "", false)
	f.Add("x", "..", "", "z", true)
	f.Add("", "/up/in", "y", "y", true)
	b := newBed(f, true)
	b.write("old/file", "below")
	b.write("up/file", "below")
	b.write("up/in/file", "below")
	for _, d := range []string{"up", "up/in"} {
		if err := os.MkdirAll(b.upper+"/"+d, 0o755); err != nil {
			f.Fatal(err)
		}
	}
	white := b.upper + "/up/white"
	f.Fuzz(func(t *testing.T, opaque, redirect, impure, nodes string, whiteout bool) {
		for _, d := range []string{b.upper + "/up", b.upper + "/up/in"} {
			for name, v := range map[string]string{"opaque": opaque, "redirect": redirect, "impure": impure} {
				mark(t, d, "user.overlay."+name, v)
			}
			mark(t, d, "user.veduta.nodes", nodes)
		}
		no(t, os.WriteFile(white, nil, 0o600))
		mark(t, white, "user.overlay.whiteout", map[bool]string{true: "y"}[whiteout])
		fs, err := overlayfs.New(overlayfs.Options{Lower: []string{b.lower}, Upper: b.upper, Work: b.work, Owners: &owner.Store{Native: true}})
		no(t, err)
		defer fs.Close()
		checkTree(t, vfstest.Ours{FS: fs}, "/", 0)
	})
}

// mark sets an attribute; an empty one is taken away.
func mark(t *testing.T, file, name, value string) {
	t.Helper()
	if len(value) > 1000 {
		value = value[:1000] // more than a file system has room for
	}
	unix.Lremovexattr(file, name)
	if value != "" {
		no(t, unix.Lsetxattr(file, name, []byte(value), 0))
	}
}

func checkTree(t *testing.T, g vfstest.Ours, dir string, depth int) {
	t.Helper()
	if depth > 8 {
		t.Fatalf("%s: the tree has no end", dir)
	}
	list := names(t, g, dir)
	if len(slices.Compact(slices.Clone(list))) != len(list) {
		t.Errorf("%s lists %q", dir, list)
	}
	for _, name := range list {
		p := path.Join(dir, name)
		a, err := g.Lstat(p)
		if err != nil || strings.HasPrefix(name, ".") {
			t.Errorf("%s is listed: %v", p, err)
		}
		if a.IsDir() {
			checkTree(t, g, p, depth+1)
		}
	}
}
