package vfstest

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Make gives an empty file system whose fresh files show owner 0:0. One that
// holds records may be asked to chown to anybody.
type Make func(t *testing.T) vfs.FileSystem

// Conform holds a file system to what open(2), mkdir(2) and their kin promise,
// as a monitor asks for it.
func Conform(t *testing.T, fresh Make) {
	for _, law := range laws {
		t.Run(law.name, func(t *testing.T) { law.run(&suite{T: t, Ours: Ours{FS: fresh(t)}}) })
	}
}

var laws = []struct {
	name string
	run  func(*suite)
}{
	{"open", (*suite).open},
	{"tmpfile", (*suite).tmpfile},
	{"dirs", (*suite).dirs},
	{"setgid", (*suite).setgid},
	{"owners", (*suite).owners},
	{"modes", (*suite).modes},
	{"devices", (*suite).devices},
	{"xattrs", (*suite).xattrs},
	{"rename", (*suite).rename},
	{"links", (*suite).links},
	{"descriptors", (*suite).descriptors},
	{"removed", (*suite).removed},
	{"times", (*suite).times},
	{"random", (*suite).random},
}

type suite struct {
	*testing.T
	Ours
}

func (s *suite) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *suite) is(err error, want unix.Errno) {
	s.Helper()
	if err == nil || vfs.Errno(err) != want {
		s.Fatalf("got %v, want %v", err, want)
	}
}

// shows checks mode with the type, and owner.
func (s *suite) shows(path string, mode uint32, uid, gid uint32) {
	s.Helper()
	a, err := s.FS.Lstat(path)
	s.ok(err)
	if uint32(a.Mode) != mode || a.Uid != uid || a.Gid != gid {
		s.Fatalf("%s shows %o %d:%d, want %o %d:%d", path, a.Mode, a.Uid, a.Gid, mode, uid, gid)
	}
}

func (s *suite) create(path string) {
	s.Helper()
	s.ok(s.Write(path, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, 0o644, path))
}

func (s *suite) open() {
	s.is(s.Write("/f", unix.O_RDWR, 0, ""), unix.ENOENT)
	s.create("/f")
	s.is(s.Write("/f", unix.O_CREAT|unix.O_EXCL, 0o600, ""), unix.EEXIST)
	s.is(s.Write("/f", unix.O_DIRECTORY, 0, ""), unix.ENOTDIR)
	s.ok(s.Write("/f", unix.O_WRONLY|unix.O_TRUNC, 0, "new"))
	if text, err := s.Read("/f"); text != "new" || err != nil {
		s.Fatal(text, err)
	}
	s.ok(s.Mkdir("/d", 0o755))
	s.is(s.Write("/d", unix.O_WRONLY, 0, ""), unix.EISDIR)
	s.is(s.Write("/d", unix.O_CREAT, 0o644, ""), unix.EISDIR)
	s.ok(s.Symlink("f", "/l"))
	s.is(s.Write("/l", unix.O_RDONLY, 0, ""), unix.ELOOP)
	s.ok(s.Write("/l", unix.O_PATH, 0, ""))
	s.is(s.Write("/none/f", unix.O_CREAT|unix.O_WRONLY, 0o644, ""), unix.ENOENT)
	s.shows("/f", unix.S_IFREG|0o644, 0, 0)
}

func (s *suite) tmpfile() {
	s.ok(s.Mkdir("/d", 0o755))
	s.Owner = vfs.Owner{UID: 5, GID: 6}
	fd, err := s.Open("/d", unix.O_TMPFILE|unix.O_RDWR, 0o640)
	s.ok(err)
	defer unix.Close(fd)
	a, err := vfs.HostStatAt(fd, "", unix.AT_EMPTY_PATH)
	s.ok(err)
	s.ok(s.FS.FixAttr(&a, fmt.Sprintf("/proc/self/fd/%d", fd)))
	if a.Uid != 5 || a.Gid != 6 || a.Perm() != 0o640 {
		s.Fatalf("%o %d:%d", a.Mode, a.Uid, a.Gid)
	}
}

func (s *suite) dirs() {
	s.ok(s.Mkdir("/d", 0o1711))
	s.shows("/d", unix.S_IFDIR|0o1711, 0, 0)
	s.is(s.Mkdir("/d", 0o755), unix.EEXIST)
	s.is(s.Mkdir("/none/d", 0o755), unix.ENOENT)
	s.create("/d/f")
	s.is(s.Rmdir("/d"), unix.ENOTEMPTY)
	s.is(s.Rmdir("/d/f"), unix.ENOTDIR)
	s.is(s.Unlink("/d"), unix.EISDIR)
	s.ok(s.Unlink("/d/f"))
	s.is(s.Unlink("/d/f"), unix.ENOENT)
	s.ok(s.Rmdir("/d"))
	s.is(s.Rmdir("/d"), unix.ENOENT)
	_, err := s.FS.Dir("/d")
	s.is(err, unix.ENOENT)
	s.create("/f")
	_, err = s.FS.Dir("/f")
	s.is(err, unix.ENOTDIR)
}

func (s *suite) setgid() {
	s.ok(s.Mkdir("/d", 0o755))
	s.ok(s.Chown("/d", 7, 77))
	s.ok(s.Chmod("/d", 0o2775))
	s.Owner = vfs.Owner{UID: 5, GID: 6}
	s.create("/d/f")
	s.shows("/d/f", unix.S_IFREG|0o644, 5, 77)
	s.ok(s.Mkdir("/d/d", 0o750))
	s.shows("/d/d", unix.S_IFDIR|0o2750, 5, 77)
	s.ok(s.Symlink("x", "/d/l"))
	s.shows("/d/l", unix.S_IFLNK|0o777, 5, 77)
}

func (s *suite) owners() {
	s.create("/f")
	s.ok(s.Mkdir("/d", 0o755))
	s.ok(s.Symlink("x", "/l"))
	s.ok(s.Mknod("/p", unix.S_IFIFO|0o600, 0))
	for _, p := range []string{"/f", "/d", "/l", "/p"} {
		a, err := s.FS.Lstat(p)
		s.ok(err)
		s.ok(s.Chown(p, 12, 34))
		s.shows(p, uint32(a.Mode), 12, 34)
		s.ok(s.FS.SetAttr(p, vfs.SetAttr{Valid: vfs.SetGID, GID: 56}))
		s.shows(p, uint32(a.Mode), 12, 56)
		s.ok(s.Rename(p, p+"2", 0))
		s.shows(p+"2", uint32(a.Mode), 12, 56)
		s.ok(s.Chown(p+"2", 0, 0))
		s.shows(p+"2", uint32(a.Mode), 0, 0)
	}
	s.Owner = vfs.Owner{UID: 8, GID: 9}
	s.create("/g")
	s.shows("/g", unix.S_IFREG|0o644, 8, 9)
	// A new file must not take over what was on record of a removed one.
	s.ok(s.Mknod("/q", unix.S_IFIFO|0o600, 0))
	s.ok(s.Unlink("/q"))
	s.Owner = vfs.Owner{}
	s.ok(s.Mknod("/q", unix.S_IFIFO|0o600, 0))
	s.shows("/q", unix.S_IFIFO|0o600, 0, 0)
}

func (s *suite) modes() {
	s.create("/f")
	for _, m := range []uint32{0, 0o400, 0o6755, 0o1777, 0o222} {
		s.ok(s.Chmod("/f", m))
		s.shows("/f", unix.S_IFREG|m, 0, 0)
		s.ok(s.Write("/f", unix.O_RDWR, 0, "root writes what it likes"))
	}
	s.ok(s.Chmod("/f", 0o6755))
	s.ok(s.Chown("/f", 1, 1))
	s.shows("/f", unix.S_IFREG|0o755, 1, 1)
	s.ok(s.FS.SetAttr("/f", vfs.SetAttr{Valid: vfs.SetMode | vfs.SetUID, Mode: 0o4711, UID: 2}))
	s.shows("/f", unix.S_IFREG|0o4711, 2, 1)
	s.ok(s.Write("/bare", unix.O_WRONLY|unix.O_CREAT, 0o004, "x"))
	s.shows("/bare", unix.S_IFREG|0o004, 0, 0)
	s.ok(s.Mkdir("/d", 0))
	s.shows("/d", unix.S_IFDIR, 0, 0)
	s.create("/d/f")
	s.ok(s.Symlink("f", "/l"))
	s.is(s.Chmod("/l", 0o600), unix.EOPNOTSUPP)
}

func (s *suite) devices() {
	null := unix.Mkdev(1, 3)
	s.ok(s.Mknod("/null", unix.S_IFCHR|0o666, null))
	a, err := s.FS.Lstat("/null")
	s.ok(err)
	if a.Kind() != unix.S_IFCHR || a.Rdev() != null || a.Perm() != 0o666 {
		s.Fatalf("%o %x", a.Mode, a.Rdev())
	}
	s.ok(s.Write("/null", unix.O_WRONLY, 0, "lost"))
	if text, err := s.Read("/null"); text != "" || err != nil {
		s.Fatalf("read %q, %v", text, err)
	}
	s.ok(s.Mknod("/disk", unix.S_IFBLK|0o600, unix.Mkdev(240, 250)))
	s.is(s.Write("/disk", unix.O_RDONLY, 0, ""), unix.ENXIO)
	s.ok(s.Rename("/null", "/null2", 0))
	for _, e := range s.list("/") {
		if a, err := s.FS.Lstat("/" + e.Name); err == nil && uint32(e.Type) != a.Kind()>>12 && s.merged("/") {
			s.Errorf("%s: d_type %d, mode %o", e.Name, e.Type, a.Mode)
		}
	}
	s.ok(s.Unlink("/disk"))
}

func (s *suite) list(p string) []vfs.Dirent {
	s.Helper()
	l, err := s.List(p)
	s.ok(err)
	return l
}

func (s *suite) merged(p string) bool {
	r, err := s.FS.Dir(p)
	s.ok(err)
	return r.Class == vfs.ClassMerged
}

func (s *suite) xattrs() {
	s.create("/f")
	s.ok(s.Chown("/f", 3, 4))
	s.ok(s.Chmod("/f", 0o4555))
	if l, err := s.FS.Listxattr("/f"); err != nil || len(l) != 0 {
		s.Fatalf("records show: %q, %v", l, err)
	}
	all := []string{"user.a", "user.overlay.opaque", "user.overlay.whiteout", "user.rootlesscontainers", "user.veduta.inode", "security.capability"}
	for _, n := range all {
		value := "v of " + n
		if n == "security.capability" {
			// struct vfs_cap_data, revision 2, cap_net_raw
			value = "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		}
		_, err := s.Getxattr("/f", n)
		s.is(err, unix.ENODATA)
		s.ok(s.Setxattr("/f", n, value, unix.XATTR_CREATE))
		s.is(s.Setxattr("/f", n, value, unix.XATTR_CREATE), unix.EEXIST)
		if v, err := s.Getxattr("/f", n); err != nil || v != value {
			s.Fatalf("%s: %q, %v", n, v, err)
		}
	}
	l, err := s.FS.Listxattr("/f")
	s.ok(err)
	slices.Sort(l)
	slices.Sort(all)
	if !slices.Equal(l, all) {
		s.Fatalf("listed %q, want %q", l, all)
	}
	s.shows("/f", unix.S_IFREG|0o4555, 3, 4)
	for _, n := range all {
		s.ok(s.Removexattr("/f", n))
		s.is(s.Removexattr("/f", n), unix.ENODATA)
	}
	s.ok(s.Symlink("x", "/l"))
	s.is(s.Setxattr("/l", "user.a", "x", 0), unix.EPERM)
}

func (s *suite) rename() {
	s.create("/a")
	s.create("/b")
	s.ok(s.Mkdir("/d", 0o755))
	s.ok(s.Mkdir("/e", 0o755))
	s.create("/e/f")
	s.is(s.Rename("/none", "/x", 0), unix.ENOENT)
	s.is(s.Rename("/a", "/none/x", 0), unix.ENOENT)
	s.is(s.Rename("/a", "/d", 0), unix.EISDIR)
	s.is(s.Rename("/d", "/a", 0), unix.ENOTDIR)
	s.is(s.Rename("/d", "/e", 0), unix.ENOTEMPTY)
	s.is(s.Rename("/d", "/d/x", 0), unix.EINVAL)
	s.is(s.Rename("/e/f", "/e", 0), unix.ENOTEMPTY)
	s.is(s.Rename("/a", "/b", unix.RENAME_NOREPLACE), unix.EEXIST)
	s.is(s.Rename("/a", "/x", unix.RENAME_EXCHANGE), unix.ENOENT)
	s.is(s.Rename("/a", "/b", unix.RENAME_EXCHANGE|unix.RENAME_NOREPLACE), unix.EINVAL)
	s.ok(s.Rename("/a", "/e", unix.RENAME_EXCHANGE))
	if text, err := s.Read("/a/f"); text != "/e/f" || err != nil {
		s.Fatal(text, err)
	}
	s.ok(s.Rename("/a", "/d", 0))
	s.ok(s.Rename("/b", "/e", 0))
	if text, err := s.Read("/e"); text != "/b" || err != nil {
		s.Fatal(text, err)
	}
	if text, err := s.Read("/d/f"); text != "/e/f" || err != nil {
		s.Fatal(text, err)
	}
}

func (s *suite) links() {
	s.create("/a")
	s.ok(s.Mkdir("/d", 0o755))
	s.ok(s.Link("/a", "/d/b"))
	s.is(s.Link("/a", "/d/b"), unix.EEXIST)
	s.is(s.Link("/d", "/d2"), unix.EPERM)
	s.is(s.Link("/none", "/x"), unix.ENOENT)
	a, err := s.FS.Lstat("/a")
	s.ok(err)
	b, err := s.FS.Lstat("/d/b")
	s.ok(err)
	if a.Ino != b.Ino || a.Nlink != 2 {
		s.Fatalf("inodes %d %d, %d links", a.Ino, b.Ino, a.Nlink)
	}
	s.ok(s.Rename("/a", "/d/b", 0)) // does nothing
	s.ok(s.Unlink("/a"))
	if text, err := s.Read("/d/b"); text != "/a" || err != nil {
		s.Fatal(text, err)
	}
	s.ok(s.Symlink("target", "/l"))
	s.ok(s.Link("/l", "/l2"))
	if text, err := s.Readlink("/l2"); text != "target" || err != nil {
		s.Fatal(text, err)
	}
	_, err = s.Readlink("/d")
	s.is(err, unix.EINVAL)
}

// descriptors: what a guest's descriptor shows is what its path shows, and the
// kernel's name of it leads back.
func (s *suite) descriptors() {
	s.Owner = vfs.Owner{UID: 5, GID: 6}
	s.ok(s.Mkdir("/d", 0o750))
	s.create("/d/f")
	for _, p := range []string{"/", "/d", "/d/f"} {
		fd, err := s.Open(p, unix.O_RDONLY, 0)
		s.ok(err)
		defer unix.Close(fd)
		proc := fmt.Sprintf("/proc/self/fd/%d", fd)
		a, err := vfs.HostStatAt(fd, "", unix.AT_EMPTY_PATH)
		s.ok(err)
		s.ok(s.FS.FixAttr(&a, proc))
		b, err := s.FS.Lstat(p)
		s.ok(err)
		a.Atime, b.Atime = unix.StatxTimestamp{}, unix.StatxTimestamp{}
		if a != b {
			s.Errorf("%s: by descriptor %+v, by path %+v", p, a, b)
		}
		var buf [4096]byte
		n, err := unix.Readlink(proc, buf[:])
		s.ok(err)
		if back, ok := s.FS.PathOf(string(buf[:n])); !ok || back != p {
			s.Errorf("PathOf(%s) = %q, %v; want %s", buf[:n], back, ok, p)
		}
	}
	if _, ok := s.FS.PathOf("/proc"); ok {
		s.Error("PathOf takes what is not in the file system")
	}
}

func (s *suite) removed() {
	s.create("/f")
	fd, err := s.Open("/f", unix.O_RDWR, 0)
	s.ok(err)
	defer unix.Close(fd)
	s.ok(s.Unlink("/f"))
	proc := fmt.Sprintf("/proc/self/fd/%d", fd)
	s.ok(s.FS.SetAttrFD(proc, vfs.SetAttr{Valid: vfs.SetMode | vfs.SetUID, Mode: 0o4700, UID: 9}))
	a, err := vfs.HostStatAt(fd, "", unix.AT_EMPTY_PATH)
	s.ok(err)
	s.ok(s.FS.FixAttr(&a, proc))
	if a.Uid != 9 || a.Perm() != 0o4700 {
		s.Fatalf("%o %d", a.Mode, a.Uid)
	}
}

func (s *suite) times() {
	s.create("/f")
	s.ok(s.Symlink("x", "/l"))
	for _, p := range []string{"/f", "/l", "/"} {
		s.ok(s.Utimes(p, 1e9))
		a, err := s.FS.Lstat(p)
		s.ok(err)
		if a.Mtime.Sec != 1e9 || a.Atime.Sec != 1e9 {
			s.Fatalf("%s: %+v", p, a.Mtime)
		}
	}
	s.ok(s.Truncate("/f", 100))
	a, err := s.FS.Lstat("/f")
	s.ok(err)
	if a.Size != 100 || a.Mtime.Sec == 1e9 {
		s.Fatal(a.Size, a.Mtime)
	}
	s.is(s.Truncate("/", 0), unix.EISDIR)
}

// random compares with a plain directory of the host; modes that lock out their
// owner make no difference to root only.
func (s *suite) random() {
	for seed := range int64(10) {
		dir := Host(s.TempDir())
		ours := Ours{FS: s.FS}
		top := fmt.Sprintf("/%d", seed)
		s.ok(ours.Mkdir(top, 0o755))
		r := Random{R: rand.New(rand.NewSource(seed)), Root: unix.Geteuid() == 0}
		for range 150 {
			op := r.Next()
			if !op.Reachable(dir) {
				continue
			}
			want, got := vfs.Errno(op.Do(dir)), vfs.Errno(op.Do(sub{ours, top}))
			if want == unix.EACCES {
				return
			}
			if want != got {
				s.Fatalf("seed %d: %s: host %v, ours %v", seed, op.Text, want, got)
			}
		}
		if !r.Root {
			Take(s.T, sub{ours, top})
			continue
		}
		if !Compare(s.T, fmt.Sprint("seed ", seed), Take(s.T, dir), Take(s.T, sub{ours, top})) {
			return
		}
	}
}
