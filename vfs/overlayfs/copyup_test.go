package overlayfs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/overlayfs"
	"github.com/veduta/veduta/vfs/vfstest"
	"golang.org/x/sys/unix"
)

func (b *bed) write(name, text string) {
	b.t.Helper()
	name = filepath.Join(b.lower, name)
	no(b.t, os.MkdirAll(filepath.Dir(name), 0o755))
	no(b.t, os.WriteFile(name, []byte(text), 0o644))
}

func lstat(t *testing.T, f vfs.FileSystem, p string) *vfs.Attr {
	t.Helper()
	a, err := f.Lstat(p)
	no(t, err)
	return &a
}

// TestSameFile: numbers, links, owner and times outlast a copy-up, by path, by
// descriptor, in listings, and when the session is opened again.
func TestSameFile(t *testing.T) {
	for _, native := range []bool{os.Geteuid() == 0, false} {
		b := newBed(t, native)
		b.write("d/f", "text")
		no(t, os.Link(b.lower+"/d/f", b.lower+"/d/g"))
		fs := b.open()
		g := vfstest.Ours{FS: fs}
		file, dir, top := lstat(t, fs, "/d/f"), lstat(t, fs, "/d"), lstat(t, fs, "/")
		no(t, g.Write("/d/f", unix.O_RDWR, 0, ""))
		check := func(fs *overlayfs.FS) {
			t.Helper()
			a := lstat(t, fs, "/d/f")
			if a.Ino != file.Ino || a.Dev() != file.Dev() || a.Nlink != 2 || a.Mtime != file.Mtime || a.Uid != file.Uid {
				t.Errorf("file was %+v, is %+v", file, a)
			}
			if a, b := lstat(t, fs, "/d/f"), lstat(t, fs, "/d/g"); a.Ino != b.Ino || a.Nlink != b.Nlink {
				t.Error("two names, two files")
			}
			if a := lstat(t, fs, "/d"); a.Ino != dir.Ino || a.Dev() != dir.Dev() || a.Mtime != dir.Mtime {
				t.Errorf("directory was %+v, is %+v", dir, a)
			}
			if a := lstat(t, fs, "/"); a.Ino != top.Ino || a.Mtime != top.Mtime {
				t.Errorf("root was %+v, is %+v", top, a)
			}
			for _, p := range []string{"/d", "/d/f"} {
				fd, err := (vfstest.Ours{FS: fs}).Open(p, unix.O_RDONLY, 0)
				no(t, err)
				a, err := vfs.HostStatAt(fd, "", unix.AT_EMPTY_PATH)
				no(t, err)
				no(t, fs.FixAttr(&a, fmt.Sprintf("/proc/self/fd/%d", fd)))
				unix.Close(fd)
				if w := lstat(t, fs, p); a.Ino != w.Ino || a.Nlink != w.Nlink || a.Dev() != w.Dev() {
					t.Errorf("%s by descriptor: %+v, by path %+v", p, a, w)
				}
			}
		}
		check(fs)
		no(t, g.Write("/d/g", unix.O_RDWR, 0, " more"))
		if s, err := g.Read("/d/f"); s != "text more" || err != nil {
			t.Errorf("a write to one name shows %q under the other, %v", s, err)
		}
		no(t, g.Utimes("/d/f", file.Mtime.Sec))
		file = lstat(t, fs, "/d/f")
		no(t, fs.Close())
		check(b.open())
	}
}

// TestScattered: a directory with another name of a copied-up file is no longer
// left to the kernel.
func TestScattered(t *testing.T) {
	b := newBed(t, false)
	b.write("a/f", "old")
	b.write("b/x", "")
	no(t, os.Link(b.lower+"/a/f", b.lower+"/b/f"))
	fs := b.open()
	class := func(p string) vfs.Class {
		r, err := fs.Dir(p)
		no(t, err)
		return r.Class
	}
	if c := class("/b"); c != vfs.ClassLower {
		t.Fatal(c)
	}
	g := vfstest.Ours{FS: fs}
	no(t, g.Write("/a/f", unix.O_WRONLY|unix.O_TRUNC, 0, "new"))
	if c := class("/b"); c != vfs.ClassMerged {
		t.Error(c)
	}
	if s, err := g.Read("/b/f"); s != "new" || err != nil {
		t.Error(s, err)
	}
	no(t, g.Unlink("/a/f"))
	if a := lstat(t, fs, "/b/f"); a.Nlink != 1 {
		t.Error(a.Nlink)
	}
}

// TestTruncatingOpen copies no data.
func TestTruncatingOpen(t *testing.T) {
	b := newBed(t, false)
	b.write("f", "text")
	fs := b.open()
	p, err := fs.Open("/f", vfs.How{Flags: unix.O_WRONLY | unix.O_TRUNC})
	no(t, err)
	if st, err := os.Stat(p.Host); err != nil || st.Size() != 0 {
		t.Fatal(st, err)
	}
}

func TestSparse(t *testing.T) {
	b := newBed(t, false)
	f, err := os.Create(b.lower + "/f")
	no(t, err)
	const size = 64 << 20
	no(t, f.Truncate(size))
	f.WriteAt([]byte("middle"), size/2)
	f.Close()
	fs := b.open()
	p, err := fs.Open("/f", vfs.How{Flags: unix.O_RDWR})
	no(t, err)
	var st unix.Stat_t
	no(t, unix.Stat(p.Host, &st))
	if st.Size != size || st.Blocks*512 > 1<<20 {
		t.Errorf("%d bytes in %d blocks", st.Size, st.Blocks)
	}
	up, _ := os.ReadFile(p.Host)
	low, _ := os.ReadFile(b.lower + "/f")
	if !bytes.Equal(up, low) {
		t.Error("data differs")
	}
}

// TestSpecials: opening a fifo or device for writing copies nothing up; a
// change of its mode does.
func TestSpecials(t *testing.T) {
	b := newBed(t, false)
	no(t, unix.Mkfifo(b.lower+"/p", 0o600))
	no(t, os.Symlink("target", b.lower+"/l"))
	fs := b.open()
	p, err := fs.Open("/p", vfs.How{Flags: unix.O_RDWR})
	no(t, err)
	if p.Host != b.lower+"/p" {
		t.Error(p.Host)
	}
	g := vfstest.Ours{FS: fs}
	no(t, g.Chmod("/p", 0o644))
	if a := lstat(t, fs, "/p"); a.Mode != unix.S_IFIFO|0o644 {
		t.Errorf("%o", a.Mode)
	}
	no(t, g.Chown("/l", 5, 6))
	if s, err := g.Readlink("/l"); s != "target" || err != nil || lstat(t, fs, "/l").Uid != 5 {
		t.Error(s, err)
	}
}

// TestTogether: many writers at once copy each file up once.
func TestTogether(t *testing.T) {
	b := newBed(t, false)
	for i := range 8 {
		b.write(fmt.Sprintf("d/f%d", i), strings.Repeat("x", 100_000))
	}
	fs := b.open()
	g := vfstest.Ours{FS: fs}
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			p := fmt.Sprintf("/d/f%d", i%8)
			if err := g.Write(p, unix.O_WRONLY|unix.O_APPEND, 0, "y"); err != nil && i%8 != 7 {
				t.Error(err)
			}
			g.Lstat(p)
			g.List("/d")
			if i%8 == 7 {
				g.Rename(p, fmt.Sprintf("/d/g%d", i), unix.RENAME_NOREPLACE)
			}
		})
	}
	all.Wait()
	for i := range 7 {
		if a := lstat(t, fs, fmt.Sprintf("/d/f%d", i)); a.Size != 100_008 {
			t.Error(i, a.Size)
		}
	}
	if left, _ := os.ReadDir(b.work + "/tmp"); len(left) != 0 {
		t.Error("left in work:", left)
	}
}

// TestUnreadable: an ordinary user's view may replace what it cannot read, and
// may not lose it.
func TestUnreadable(t *testing.T) {
	if !vfstest.AsUser(t) {
		return
	}
	b := newBed(t, false)
	b.write("full", "text")
	b.write("empty", "")
	b.write("shut/f", "text")
	for _, n := range []string{"full", "empty", "shut"} {
		no(t, os.Chmod(filepath.Join(b.lower, n), 0))
	}
	defer os.Chmod(b.lower+"/shut", 0o755)
	fs := b.open()
	g := vfstest.Ours{FS: fs}
	is(t, g.Write("/full", unix.O_RDWR, 0, "more"), unix.EACCES)
	if a := lstat(t, fs, "/full"); a.Size != 4 || a.Perm() != 0 {
		t.Fatal(a)
	}
	no(t, g.Write("/full", unix.O_RDWR|unix.O_TRUNC, 0, "new"))
	no(t, g.Write("/empty", unix.O_RDWR, 0, "new"))
	for _, n := range []string{"/full", "/empty"} {
		if s, err := g.Read(n); s != "new" || err != nil || lstat(t, fs, n).Perm() != 0 {
			t.Error(n, s, err)
		}
	}
	r, err := fs.Dir("/shut")
	no(t, err)
	if r.Class != vfs.ClassMerged {
		t.Error(r.Class)
	}
	_, err = fs.Lstat("/shut/f")
	is(t, err, unix.ENOENT)
	no(t, g.Write("/shut/g", unix.O_CREAT|unix.O_WRONLY, 0o644, "mine"))
	if l, err := g.List("/shut"); err != nil || len(l) != 3 {
		t.Error(l, err)
	}
	if a := lstat(t, fs, "/shut"); a.Perm() != 0 {
		t.Errorf("%o", a.Mode)
	}
	if u := fs.Unseen(); len(u) != 1 || u[0] != b.lower+"/shut" {
		t.Error(u)
	}
	fs.Close()
	if u := b.open().Unseen(); len(u) != 1 {
		t.Error("not kept:", u)
	}
}

// TestOriginLog: the identity of what was copied up or deleted is on record.
func TestOriginLog(t *testing.T) {
	b := newBed(t, false)
	b.write("f", "text")
	b.write("g", "text")
	fs := b.open()
	g := vfstest.Ours{FS: fs}
	no(t, g.Chmod("/f", 0o600))
	no(t, g.Unlink("/g"))
	data, err := os.ReadFile(filepath.Dir(b.work) + "/origins")
	no(t, err)
	seen := map[string]map[string]any{}
	for line := range bytes.Lines(data) {
		var m map[string]any
		no(t, json.Unmarshal(line, &m))
		seen[m["path"].(string)] = m
	}
	for _, n := range []string{"/f", "/g"} {
		var st unix.Stat_t
		no(t, unix.Stat(b.lower+n, &st))
		m := seen[n]
		if m == nil || m["lsize"] != 4.0 || uint64(m["lino"].(float64)) != st.Ino {
			t.Error(n, m)
		}
	}
	if seen["/g"]["ino"] != 0.0 || seen["/f"]["ino"] == 0.0 {
		t.Error(seen)
	}
}
