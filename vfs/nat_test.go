package vfs

import (
	"path"
	"testing"
)

// nat is where the kernel would look, or what went wrong. "" is always right,
// only slower.
func nat(w Where, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case w.Nat == "":
		return ""
	}
	return path.Clean(w.NatPath())
}

// The root of the host as it is, with a link that a layer has replaced.
func TestNatPath(t *testing.T) {
	tests := []struct{ start, host, path, want string }{
		{"/", "/", "/a/b/f", "/a/b/f"},
		{"/", "/", "a/b/f", "/a/b/f"},
		{"/", "/", "/l/f", "/a/b/f"},
		{"/", "/", "/a/abs/f", "/a/b/f"},
		{"/", "/", "/a/up/f", "/f"},
		{"/", "/", "//a/./b//f", "/a/b/f"},
		{"/a", "/a", "b/f", "/a/b/f"},
		{"/a", "/a", "./b/f", "/a/b/f"},
		{"/a", "/a", "../f", "/f"},
		{"/a", "/a", "/f", "/f"},
		{"/a", "/elsewhere/a", "b/f", "/elsewhere/a/b/f"},
		{"/a", "/elsewhere/a", "../f", "/elsewhere/f"},
		{"/a", "/elsewhere/a", "up/f", ""},
		{"/a", "", "b/f", ""},
		{"/", "/", "..", "/"},
		{"/", "/", "../f", "/f"},
		{"/", "/", "../a/f", "/a/f"},
	}
	for _, x := range tests {
		tree := world()
		for again := range 2 {
			got := nat(from(tree, x.start, x.host, x.path, nil))
			if got != x.want && (again == 0 || got != "") {
				t.Errorf("time %d: %q from %s (host %s): the kernel would find %q, want %q", again, x.path, x.start, x.host, got, x.want)
			}
		}
	}
}

// replaced is a file system whose link the host does not have as it is.
type replaced struct {
	*fake
	link string
}

func (r replaced) Open(p string, how How) (Place, error) {
	if p == r.link {
		return Place{Host: "/layer" + p}, nil
	}
	return r.fake.Open(p, how)
}

func TestNatPathReplacedLink(t *testing.T) {
	for _, path := range []string{"/l", "/l/f", "l/f", "/a/../l/f"} {
		tree := NewTree(&Mount{FS: replaced{newFake("/a/", "/a/b/", "/a/b/f", "/l -> a/b"), "/l"}})
		if got := nat(from(tree, "/", "/", path, nil)); got != "" {
			t.Errorf("%q goes through a link of the view's own, and the kernel would find %q", path, got)
		}
	}
	tree := NewTree(&Mount{FS: replaced{newFake("/a/", "/a/b/", "/a/b/f", "/l -> /a/b"), "/l"}})
	if got := nat(from(tree, "/", "/", "/l/f", nil)); got != "" {
		t.Errorf("/l/f goes through a link of the view's own, and the kernel would find %q", got)
	}
	for _, path := range []string{"/a/b/f", "/a/f"} {
		if got := nat(from(tree, "/", "/", path, nil)); got != path {
			t.Errorf("%q after a walk through a link of the view's own: the kernel would find %q", path, got)
		}
	}
}

// Where "/" of the view is not the kernel's, an absolute path is not its.
func TestNatPathChroot(t *testing.T) {
	tree := world()
	a, err := from(tree, "/", "/", "a/.", nil)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/b/f": "/b/f", "b/f": "/a/b/f", "../f": "/f", "../b/f": "/b/f", "b/../../f": "/f"} {
		for again := range 2 {
			if got := nat(from(tree, "/a", "/a", path, func(w *Walk) { w.Root = a.Dir })); got != want && got != "" {
				t.Errorf("time %d: %q in the root /a: the kernel would find %q, want %q", again, path, got, want)
			}
		}
	}
}

// A root of the view that stands elsewhere on the host: the kernel goes up
// past it.
func TestNatPathForeignRoot(t *testing.T) {
	f := newFake("/a/", "/a/f")
	f.host, f.class = "/srv/root", ClassBacked
	tree := NewTree(&Mount{FS: f})
	for path, wrong := range map[string]string{"../a/f": "/srv/root/a/f", "a/../../a/f": "/srv/root/a/f", "../f": "/srv/root/f"} {
		if got := nat(from(tree, "/", "/srv/root", path, nil)); got == wrong {
			t.Errorf("%q from the view's / at /srv/root: the kernel would find something of /srv, not %q", path, got)
		}
	}
}
