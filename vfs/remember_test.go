package vfs

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// grove is a tree over a fake that the test changes, with some walks done.
func grove(t *testing.T) (*Tree, *fake) {
	t.Helper()
	f := newFake("/a/", "/a/b/", "/a/b/f", "/c/", "/c/f", "/l -> a/b", "/la -> /a/b")
	tree := NewTree(&Mount{FS: f})
	for _, p := range []string{"/a/b/f", "/l/f", "/la/f", "/c/f", "a/b/f"} {
		if w, err := from(tree, "/", "", p, nil); err != nil {
			t.Fatalf("%s: %v", p, end(w, err))
		}
	}
	return tree, f
}

func dirOf(t *testing.T, tree *Tree, p string) *Dir {
	t.Helper()
	w, err := from(tree, "/", "", p+"/.", nil)
	if err != nil {
		t.Fatalf("%s: %v", p, err)
	}
	return w.Dir
}

func leads(t *testing.T, tree *Tree, p, want string) {
	t.Helper()
	if got := end(from(tree, "/", "", p, nil)); got != want {
		t.Errorf("%s leads to %s, want %s", p, got, want)
	}
}

func TestWalkIsRemembered(t *testing.T) {
	tree, f := grove(t)
	before := f.asked()
	for range 10 {
		from(tree, "/", "", "/a/b/g", func(w *Walk) { w.Follow = false })
	}
	if n := f.asked() - before; n != 0 {
		t.Errorf("10 walks to a known directory asked the file system %d times", n)
	}
}

// A directory that was removed, and made anew with other contents.
func TestDropDirectory(t *testing.T) {
	tree, f := grove(t)
	old := dirOf(t, tree, "/a/b")
	f.remove("/a/b")
	tree.Drop(dirOf(t, tree, "/a"), "b", false)
	for _, p := range []string{"/a/b/f", "/l/f", "/la/f", "a/b/f"} {
		leads(t, tree, p, "ENOENT")
	}
	if tree.Alive(old) {
		t.Error("a dropped directory is alive")
	}
	if got := end(tree.Walk(&Walk{Root: tree.Root(), Start: old}, []byte("f"))); got != "ENOENT" {
		t.Errorf("a name in a dropped directory leads to %s, want ENOENT", got)
	}
	if _, err := tree.List(old, false); err != unix.ENOENT {
		t.Errorf("the list of a dropped directory: %v, want ENOENT", err)
	}
	if _, alive := tree.Path(old); alive {
		t.Error("a dropped directory has a path")
	}
	f.put("/a/b/")
	f.put("/a/b/f")
	tree.Forget(dirOf(t, tree, "/a"), "b")
	for _, p := range []string{"/a/b/f", "/l/f", "/la/f", "a/b/f"} {
		leads(t, tree, p, "/a/b/f")
	}
	if dirOf(t, tree, "/a/b") == old {
		t.Error("the new directory is the old one")
	}
	if tree.Alive(old) {
		t.Error("a dropped directory came alive again")
	}
}

// A rename of a directory that others were reached through.
func TestRenameDirectory(t *testing.T) {
	tree, f := grove(t)
	f.remove("/a")
	f.put("/z/")
	f.put("/z/b/")
	f.put("/z/b/f")
	tree.Drop(tree.Root(), "a", false)
	tree.Drop(tree.Root(), "z", false)
	leads(t, tree, "/a/b/f", "ENOENT")
	leads(t, tree, "/l/f", "ENOENT")
	leads(t, tree, "/la/f", "ENOENT")
	leads(t, tree, "/z/b/f", "/z/b/f")
}

// A link that now points elsewhere: walks through it are forgotten.
func TestDropLink(t *testing.T) {
	for _, l := range []string{"/l", "/la"} {
		tree, f := grove(t)
		f.remove(l)
		f.put(l + " -> /c")
		tree.Drop(tree.Root(), l[1:], true)
		leads(t, tree, l+"/f", "/c/f")
		f.remove(l)
		tree.Drop(tree.Root(), l[1:], true)
		leads(t, tree, l+"/f", "ENOENT")
		f.put(l + "/")
		tree.Forget(tree.Root(), l[1:])
		leads(t, tree, l+"/f", l+"/f")
	}
}

// A name that was not there, made: by the view through Forget, by others after
// a while.
func TestForget(t *testing.T) {
	tree, f := grove(t)
	leads(t, tree, "/new/f", "ENOENT")
	f.put("/new/")
	tree.Forget(tree.Root(), "new")
	leads(t, tree, "/new/f", "/new/f")

	leads(t, tree, "/late/f", "ENOENT")
	f.put("/late/")
	age(tree)
	leads(t, tree, "/late/f", "/late/f")
}

// age makes all that a tree remembers as old as it may be.
func age(tree *Tree) {
	tree.mu.Lock()
	defer tree.mu.Unlock()
	var old func(d *Dir)
	old = func(d *Dir) {
		d.loaded = d.loaded.Add(-fresh)
		for n, i := range d.names {
			i.when = i.when.Add(-fresh)
			d.names[n] = i
		}
		for p, a := range d.aliases {
			a.when = a.when.Add(-fresh)
			d.aliases[p] = a
		}
		for _, c := range d.children {
			old(c)
		}
		for _, m := range d.over {
			old(m.root)
		}
	}
	old(tree.Root())
}

// What processes outside the view change is seen after a while.
func TestChangeFromOutside(t *testing.T) {
	tree, f := grove(t)
	f.remove("/a/b")
	age(tree)
	for _, p := range []string{"/a/b/f", "/l/f", "/la/f", "a/b/f"} {
		leads(t, tree, p, "ENOENT")
	}
	tree, f = grove(t)
	f.remove("/a/b")
	f.put("/a/b -> /c")
	age(tree)
	for _, p := range []string{"/a/b/f", "/l/f", "/la/f", "a/b/f"} {
		leads(t, tree, p, "/c/f")
	}
}

// A changed class is learnt anew at once, below and above the path.
func TestChangedClass(t *testing.T) {
	tree, f := grove(t)
	f.class = ClassMerged
	tree.Root().mount.Changed("/a/b")
	for _, p := range []string{"/a/b/f", "/a/b", "/a", "/l/f"} {
		w, err := from(tree, "/", "", p, nil)
		if err != nil || w.Rec.Class != ClassMerged {
			t.Errorf("%s is in a %v directory (%v) after the change, want merged", p, w.Rec.Class, err)
		}
	}
}

// A mount in the middle of what is remembered, also where somebody still holds
// the directory that it covers.
func TestMountCovers(t *testing.T) {
	for _, hold := range []bool{false, true} {
		tree, _ := grove(t)
		covered := dirOf(t, tree, "/a/b")
		if err := tree.Mount(&Mount{Point: "/a/b", FS: newFake("/m")}); err != nil {
			t.Fatal(err)
		}
		if hold {
			if _, err := tree.Record(covered, false); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range []string{"/a/b/m", "/l/m", "/la/m", "a/b/m"} {
			leads(t, tree, p, "/m")
		}
		if err := tree.Mount(&Mount{Point: "/", FS: newFake("/over/", "/over/f")}); err != nil {
			t.Errorf("a mount over the root: %v", err)
		}
		leads(t, tree, "/over/f", "ENOENT")
		leads(t, tree, "/../over/f", "/over/f") // as the kernel does
		if err := tree.Mount(&Mount{Point: "/no/where", FS: newFake()}); err != unix.ENOENT {
			t.Errorf("a mount nowhere: %v, want ENOENT", err)
		}
	}
}

// A file system mounted over another one at the same place.
func TestMountOverMount(t *testing.T) {
	tree := mounted(t)
	leads(t, tree, "/a/b/in/g", "/in/g")
	if err := tree.Mount(&Mount{Point: "/a/b", FS: newFake("/top")}); err != nil {
		t.Fatal(err)
	}
	leads(t, tree, "/a/b/top", "/top")
	leads(t, tree, "/a/b/in/g", "ENOENT")
}

func TestByID(t *testing.T) {
	tree, f := grove(t)
	d := dirOf(t, tree, "/a/b")
	rec, err := tree.Record(d, false)
	if err != nil || rec.Host == "" {
		t.Fatalf("record %+v, %v", rec, err)
	}
	if tree.ByID(rec.Dev, rec.Ino) != d {
		t.Error("a directory is not found by its number")
	}
	if tree.ByID(rec.Dev, rec.Ino+1000) != nil {
		t.Error("a number without a directory finds one")
	}
	f.remove("/a/b")
	tree.Drop(dirOf(t, tree, "/a"), "b", false)
	if tree.ByID(rec.Dev, rec.Ino) != nil {
		t.Error("a dropped directory is found by its number")
	}
}

// The directories of procfs come and go, and numbers with them: what is
// remembered must not grow with them.
func TestMagicIsNotRemembered(t *testing.T) {
	f := newFake()
	tree := NewTree(&Mount{FS: newFake("/proc/")})
	if err := tree.Mount(&Mount{Point: "/proc", FS: f, Magic: true}); err != nil {
		t.Fatal(err)
	}
	count := func() int {
		tree.mu.Lock()
		defer tree.mu.Unlock()
		return len(tree.byID) + len(tree.Root().aliases) + tree.count
	}
	var first int
	for i := range 1000 {
		p := fmt.Sprintf("/%d/", i)
		f.put(p)
		leads(t, tree, "/proc"+p+"stat", p+"stat")
		f.remove(strings.TrimSuffix(p, "/"))
		if i == 10 {
			first = count()
		}
	}
	if n := count(); n > first+10 {
		t.Errorf("%d things remembered after 10 processes, %d after 1000", first, n)
	}
}

func TestPathOf(t *testing.T) {
	at := func(host string) *fake { f := newFake("/x/", "/x/y/"); f.host = host; return f }
	tree := NewTree(&Mount{FS: at("")})
	for _, m := range []*Mount{{Point: "/x", FS: at("/srv")}, {Point: "/x/y", FS: at("/srv/deep")}} {
		if err := tree.Mount(m); err != nil {
			t.Fatal(err)
		}
	}
	for host, want := range map[string]string{
		"/": "/", "/etc": "/etc", "/srv": "/x", "/srv/f": "/x/f", "/srvx": "/srvx", "/srv/deep": "/x/y", "/srv/deep/f": "/x/y/f",
	} {
		if got, ok := tree.PathOf(host, nil); !ok || got != want {
			t.Errorf("%s is %q, %v in the view, want %q", host, got, ok, want)
		}
	}
	only := NewTree(&Mount{FS: at("/srv")})
	if got, ok := only.PathOf("/etc", nil); ok {
		t.Errorf("/etc is %s in a view that does not have it", got)
	}
}

// Past its bound the tree forgets, but for what mounts hang on; walks go on.
func TestShed(t *testing.T) {
	tree := mounted(t)
	d := dirOf(t, tree, "/empty")
	tree.mu.Lock()
	tree.count = mostDirs
	tree.mu.Unlock()
	tree.Root().mount.FS.(*fake).put("/fresh/")
	leads(t, tree, "/fresh/x", "/fresh/x")
	if tree.Alive(d) {
		t.Error("a directory outlived the bound")
	}
	if tree.count > 10 {
		t.Errorf("%d directories counted after shedding", tree.count)
	}
	leads(t, tree, "/a/b/in/g", "/in/g")
	leads(t, tree, "/l/in/g", "/in/g")
	leads(t, tree, "/empty/x", "/empty/x")
}

// A walk that is under way while another one sheds must not fail.
func TestShedDuringWalk(t *testing.T) {
	f := newFake("/a/", "/a/b/", "/a/b/f")
	tree := NewTree(&Mount{FS: f})
	tree.count = mostDirs - 1 // the second directory of the walk is one too many
	leads(t, tree, "/a/b/f", "/a/b/f")
	tree.mu.Lock()
	tree.count = mostDirs - 1
	tree.mu.Unlock()
	leads(t, tree, "/a/b/f", "/a/b/f")
	d := dirOf(t, tree, "/a/b")
	f.remove("/a/b")
	tree.Drop(dirOf(t, tree, "/a"), "b", false)
	if tree.Alive(d) {
		t.Error("a directory found while shedding cannot be dropped")
	}
}

// Walks of several guests while others change the name space. What never
// changes is always found.
func TestConcurrentWalks(t *testing.T) {
	tree, f := grove(t)
	f.put("/stay/")
	f.put("/stay/f")
	var wait sync.WaitGroup
	for i := range 4 {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		wait.Go(func() {
			for range 3000 {
				p := []string{"/stay/f", "/a/b/f", "/l/f", "/la/f", "/c/../a/b/f"}[r.IntN(5)]
				got := end(from(tree, "/", "/", p, nil))
				if p == "/stay/f" && got != p || got != "ENOENT" && got != "/stay/f" && got != "/a/b/f" && got != "/c/f" {
					t.Errorf("%s leads to %s", p, got)
				}
				if d := tree.ByID(77, r.Uint64N(20)); d != nil {
					tree.Path(d)
					tree.Record(d, false)
				}
			}
		})
	}
	wait.Go(func() {
		for i := range 3000 {
			switch i % 6 {
			case 0:
				f.remove("/a/b")
				tree.Drop(dirOf(t, tree, "/a"), "b", false)
			case 1:
				f.put("/a/b/")
				f.put("/a/b/f")
				tree.Forget(dirOf(t, tree, "/a"), "b")
			case 2:
				f.remove("/l")
				f.put("/l -> c")
				tree.Drop(tree.Root(), "l", true)
			case 3:
				tree.Root().mount.Changed("/a")
			case 4:
				f.remove("/l")
				f.put("/l -> a/b")
				tree.Drop(tree.Root(), "l", true)
			case 5:
				tree.Stale(tree.Root())
			}
		}
	})
	wait.Wait()
}
