package overlayfs_test

import (
	"os"
	"slices"
	"testing"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/overlayfs"
	"github.com/veduta/veduta/vfs/vfstest"
	"golang.org/x/sys/unix"
)

func names(t *testing.T, g vfstest.Ours, p string) []string {
	t.Helper()
	l, err := g.List(p)
	no(t, err)
	var out []string
	for _, e := range l {
		if e.Name != "." && e.Name != ".." {
			out = append(out, e.Name)
		}
	}
	slices.Sort(out)
	return out
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestImageLayers: layers with whiteouts in the form of images (.wh. files).
func TestImageLayers(t *testing.T) {
	b := newBed(t, false)
	top := b.dir + "/top"
	b.write("d/a", "bottom")
	b.write("d/b", "bottom")
	b.write("e/a", "bottom")
	b.write("only/x", "bottom")
	for _, n := range []string{"d/.wh.a", "d/b", "d/c", "e/.wh..wh..opq", "e/z", "new/y"} {
		no(t, os.MkdirAll(top+"/"+n+"/..", 0o755))
	}
	for _, n := range []string{"d", "e", "new"} {
		no(t, os.MkdirAll(top+"/"+n, 0o755))
	}
	for _, n := range []string{"d/.wh.a", "d/b", "d/c", "e/.wh..wh..opq", "e/z", "new/y"} {
		os.Remove(top + "/" + n)
		no(t, os.WriteFile(top+"/"+n, []byte("top"), 0o644))
	}
	fs := b.open(top, b.lower)
	g := vfstest.Ours{FS: fs}
	same(t, names(t, g, "/"), "d", "e", "new", "only")
	same(t, names(t, g, "/d"), "b", "c")
	same(t, names(t, g, "/e"), "z")
	if s, _ := g.Read("/d/b"); s != "top" {
		t.Error(s)
	}
	_, err := fs.Lstat("/d/a")
	is(t, err, unix.ENOENT)
	no(t, g.Unlink("/d/b"))
	no(t, g.Rename("/d", "/f", 0))
	same(t, names(t, g, "/f"), "c")
	_, err = fs.Lstat("/f/b")
	is(t, err, unix.ENOENT)
	for p, want := range map[string]vfs.Class{"/only": vfs.ClassLower, "/new": vfs.ClassLower, "/e": vfs.ClassMerged} {
		if r, err := fs.Dir(p); err != nil || r.Class != want {
			t.Error(p, r.Class, err)
		}
	}
}

// TestExclude: the overlay's own store does not show.
func TestExclude(t *testing.T) {
	b := newBed(t, false)
	b.write("home/store/secret", "")
	b.write("home/f", "")
	fs, err := overlayfs.New(overlayfs.Options{Lower: []string{b.lower}, Upper: b.upper, Work: b.work,
		Owners: b.store(), Exclude: []string{b.lower + "/home/store"}})
	no(t, err)
	defer fs.Close()
	g := vfstest.Ours{FS: fs}
	same(t, names(t, g, "/home"), "f")
	for _, p := range []string{"/home/store", "/home/store/secret"} {
		_, err := fs.Lstat(p)
		is(t, err, unix.ENOENT)
	}
	no(t, g.Rename("/home", "/casa", 0))
	same(t, names(t, g, "/casa"), "f")
	_, err = fs.Lstat("/casa/store/secret")
	is(t, err, unix.ENOENT)
	no(t, g.Mkdir("/casa/store", 0o755))
	same(t, names(t, g, "/casa/store"))
}

// TestRenamedDirectory: paths of lower descriptors lead to the new place, also
// when the session is opened again.
func TestRenamedDirectory(t *testing.T) {
	b := newBed(t, false)
	b.write("a/b/f", "text")
	fs := b.open()
	no(t, fs.Rename("/a", "/x", 0))
	no(t, fs.Mkdir("/a", 0o755, vfs.Owner{}))
	no(t, fs.Rename("/x", "/a/y", 0))
	check := func(fs *overlayfs.FS) {
		t.Helper()
		if p, ok := fs.PathOf(b.lower + "/a/b/f"); !ok || p != "/a/y/b/f" {
			t.Error(p, ok)
		}
		if s, err := (vfstest.Ours{FS: fs}).Read("/a/y/b/f"); s != "text" || err != nil {
			t.Error(s, err)
		}
		r, err := fs.Dir("/a/y/b")
		no(t, err)
		if r.Class != vfs.ClassLower || r.Host != b.lower+"/a/b" {
			t.Errorf("%+v", r)
		}
		if r, _ := fs.Dir("/a"); r.Class != vfs.ClassMerged {
			t.Error("a directory that holds a merging one is", r.Class)
		}
	}
	check(fs)
	fs.Close()
	fs = b.open()
	check(fs)
	no(t, fs.Unlink("/a/y/b/f"))
	no(t, fs.Rmdir("/a/y/b"))
	if _, ok := fs.PathOf(b.lower + "/a/b/f"); ok {
		t.Error("a removed directory has a path")
	}
}

// TestAbandonedCreate: a whiteout was taken away for an open that never came.
func TestAbandonedCreate(t *testing.T) {
	b := newBed(t, false)
	b.write("f", "lower")
	fs := b.open()
	no(t, fs.Unlink("/f"))
	how := vfs.How{Flags: unix.O_CREAT | unix.O_EXCL | unix.O_WRONLY, Mode: 0o644}
	p, err := fs.Open("/f", how)
	no(t, err)
	if !p.Create {
		t.Fatalf("%+v", p)
	}
	gone := func(fs *overlayfs.FS) {
		t.Helper()
		_, err := fs.Lstat("/f")
		is(t, err, unix.ENOENT)
		same(t, names(t, vfstest.Ours{FS: fs}, "/"))
	}
	gone(fs)
	fs.Close()
	gone(b.open())
}

// TestChangesAreTold: whoever keeps records learns that they are void, and may
// not be made to wait for the lock.
func TestChangesAreTold(t *testing.T) {
	b := newBed(t, false)
	b.write("d/e/f", "")
	var told []string
	var fs *overlayfs.FS
	fs, err := overlayfs.New(overlayfs.Options{Lower: []string{b.lower}, Upper: b.upper, Work: b.work, Owners: b.store(),
		OnChange: func(p string) { told = append(told, p) }})
	no(t, err)
	defer fs.Close()
	g := vfstest.Ours{FS: fs}
	expect := func(want ...string) {
		t.Helper()
		same(t, told, want...)
		told = nil
	}
	no(t, g.Chmod("/d/e/f", 0o600))
	expect("/d")
	no(t, g.Chmod("/d/e/f", 0o644))
	expect()
	no(t, g.Write("/d/e/new", unix.O_CREAT|unix.O_WRONLY, 0o644, ""))
	expect()
	no(t, g.Rename("/d/e", "/d/g", 0))
	expect("/d/e", "/d/g")
	no(t, g.Mkdir("/d/h", 0o755))
	expect("/d/h")
	no(t, g.Rename("/d/g/f", "/d/h/f", 0))
	expect("/d/h")
	no(t, g.Unlink("/d/h/f"))
	no(t, g.Rmdir("/d/h"))
	expect("/d/h")
}

// TestDebris: what a kill has left in the work directory is removed.
func TestDebris(t *testing.T) {
	b := newBed(t, false)
	no(t, os.MkdirAll(b.work+"/tmp/1/whiteouts", 0o755))
	b.open()
	if left, err := os.ReadDir(b.work + "/tmp"); err != nil || len(left) != 0 {
		t.Error(left, err)
	}
}

// TestRootAttributes: the root of the view is the lower one's until it is
// changed, and then stays so.
func TestRootAttributes(t *testing.T) {
	b := newBed(t, false)
	no(t, unix.Chmod(b.lower, 0o1777))
	fs := b.open()
	g := vfstest.Ours{FS: fs}
	if a := lstat(t, fs, "/"); a.Perm() != 0o1777 {
		t.Errorf("%o", a.Mode)
	}
	no(t, g.Chmod("/", 0o700))
	fs.Close()
	if a := lstat(t, b.open(), "/"); a.Perm() != 0o700 {
		t.Errorf("%o", a.Mode)
	}
}
