package overlayfs_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/overlayfs"
	"github.com/veduta/veduta/vfs/vfstest"
	"golang.org/x/sys/unix"
)

// overRoot is an overlay of the host's own tree.
func overRoot(t *testing.T, b *bed) *overlayfs.FS {
	t.Helper()
	fs, err := overlayfs.New(overlayfs.Options{Lower: []string{"/"}, Upper: b.upper, Work: b.work, Owners: b.store(),
		Exclude: []string{filepath.Dir(b.upper)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fs.Close() })
	return fs
}

// TestHostRoot: a virtual root changes the host's tree, and nothing happens to
// the host.
func TestHostRoot(t *testing.T) {
	b := newBed(t, false)
	fs := overRoot(t, b)
	g := vfstest.Ours{FS: fs}
	before, err := os.ReadFile("/etc/passwd")
	no(t, err)
	ino := lstat(t, fs, "/etc/passwd").Ino
	no(t, g.Write("/etc/passwd", unix.O_WRONLY|unix.O_APPEND, 0, "more"))
	no(t, g.Mkdir("/etc/new", 0o755))
	no(t, g.Chown("/etc/new", 1, 2))
	no(t, g.Rename("/etc", "/cte", 0))
	no(t, g.Rename("/cte", "/etc", 0))
	if s, err := g.Read("/etc/passwd"); s != string(before)+"more" || err != nil {
		t.Error(err)
	}
	if after, _ := os.ReadFile("/etc/passwd"); string(after) != string(before) {
		t.Fatal("the host's file changed")
	}
	if a := lstat(t, fs, "/etc/passwd"); a.Ino != ino || a.Uid != 0 {
		t.Error(a)
	}
	if _, err := fs.Lstat(b.upper); vfs.Errno(err) != unix.ENOENT {
		t.Error("the store shows:", err)
	}
	if p, ok := fs.PathOf("/usr/bin"); !ok || p != "/usr/bin" {
		t.Error(p, ok)
	}
	r, err := fs.Dir("/proc/self")
	if err == nil && r.Flags&vfs.Magic == 0 {
		t.Error("procfs is not magic")
	}
}

func TestHostRootAsUser(t *testing.T) {
	if vfstest.AsUser(t) {
		TestHostRoot(t)
	}
}

// TestDevices: where the layers lie on different file systems, numbers are
// those of the lower one, for copied and for new files.
func TestDevices(t *testing.T) {
	b := newBed(t, false)
	shm, err := os.MkdirTemp("/dev/shm", "overlay-")
	if err != nil {
		t.Skip("no other file system at /dev/shm:", err)
	}
	defer os.RemoveAll(shm)
	b.lower = shm
	b.write("d/f", "text")
	fs := b.open()
	g := vfstest.Ours{FS: fs}
	dev := lstat(t, fs, "/").Dev()
	no(t, g.Chmod("/d/f", 0o600))
	no(t, g.Mkdir("/d/new", 0o755))
	no(t, g.Write("/d/new/f", unix.O_CREAT|unix.O_WRONLY, 0o644, ""))
	for _, p := range []string{"/", "/d", "/d/f", "/d/new", "/d/new/f"} {
		a := lstat(t, fs, p)
		if a.Dev() != dev {
			t.Errorf("%s is on %x, the lower layer on %x", p, a.Dev(), dev)
		}
		fd, err := g.Open(p, unix.O_RDONLY, 0)
		no(t, err)
		w, err := vfs.HostStatAt(fd, "", unix.AT_EMPTY_PATH)
		no(t, err)
		no(t, fs.FixAttr(&w, fmt.Sprintf("/proc/self/fd/%d", fd)))
		unix.Close(fd)
		if w.Dev() != dev || w.Ino != a.Ino {
			t.Errorf("%s by descriptor: %x:%d, by path %x:%d", p, w.Dev(), w.Ino, dev, a.Ino)
		}
	}
	r, err := fs.Dir("/d/new")
	no(t, err)
	if r.Class != vfs.ClassBacked || r.Flags&vfs.AttrsDiffer == 0 {
		t.Errorf("%+v", r)
	}
}

// TestPlainWhiteouts: where devices cannot be made, whiteouts are plain files,
// and the kernel reads them too.
func TestPlainWhiteouts(t *testing.T) {
	if !vfstest.Mounting(t) {
		return
	}
	b := newBed(t, true)
	b.write("d/f", "")
	b.write("d/g", "")
	b.write("e/f", "")
	fs := b.open()
	fs.WithoutNodes()
	g := vfstest.Ours{FS: fs}
	no(t, g.Unlink("/d/f"))
	no(t, g.Unlink("/e/f"))
	no(t, g.Rmdir("/e"))
	no(t, g.Rename("/d/g", "/d/h", 0))
	no(t, g.Write("/d/g", unix.O_CREAT|unix.O_WRONLY, 0o644, ""))
	no(t, g.Unlink("/d/g"))
	check := func(g vfstest.Target) {
		t.Helper()
		vfstest.Compare(t, "tree", vfstest.Shot{"/d 40755 0:0", `/d/h 100644 0:0 links=1 of=/d/h ""`}, vfstest.Take(t, g))
	}
	check(g)
	fs.Close()
	check(vfstest.Ours{FS: b.open()})
	work := filepath.Dir(b.work) + "/kernelwork"
	no(t, os.Mkdir(work, 0o755))
	mountOverlay(t, b.dir+"/mnt", "userxattr,lowerdir="+b.lower+",upperdir="+b.upper+",workdir="+work)
	check(vfstest.Host(b.dir + "/mnt"))
}

// TestKernelSession: we show what the kernel's overlayfs has written.
func TestKernelSession(t *testing.T) {
	if !vfstest.Mounting(t) {
		return
	}
	b := newBed(t, true)
	b.write("d/f", "text")
	b.write("d/g", "text")
	b.write("e/f", "text")
	mnt := b.dir + "/mnt"
	mountOverlay(t, mnt, "userxattr,lowerdir="+b.lower+",upperdir="+b.upper+",workdir="+b.work)
	if out, err := exec.Command("sh", "-c", "cd "+mnt+" && rm d/f && echo more >>d/g && rm -r e && mkdir e && chown 5:6 e && mknod n c 1 3").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := vfstest.Take(t, vfstest.Host(mnt))
	no(t, unix.Unmount(mnt, 0))
	vfstest.Compare(t, "tree", want, vfstest.Take(t, vfstest.Ours{FS: b.open()}))
}

func BenchmarkLstat(b *testing.B) {
	d := b.TempDir()
	for _, p := range []string{"/s/upper/usr", "/s/work"} {
		os.MkdirAll(d+p, 0o755)
	}
	fs, err := overlayfs.New(overlayfs.Options{Lower: []string{"/"}, Upper: d + "/s/upper", Work: d + "/s/work"})
	if err != nil {
		b.Fatal(err)
	}
	defer fs.Close()
	for name, p := range map[string]string{"lower": "/usr/share/doc", "merged": "/usr/share"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fs.Lstat(p)
			}
		})
	}
	b.Run("native", func(b *testing.B) {
		for b.Loop() {
			vfs.HostLstat("/usr/share/doc")
		}
	})
}
