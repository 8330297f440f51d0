package review

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
	"github.com/veduta/veduta/vfs/vfstest"
	"golang.org/x/sys/unix"
)

const testUID = vfstest.Ordinary

// TestMain runs the tests as root and once more as an ordinary user.
func TestMain(m *testing.M) {
	unix.Umask(0o022)
	remove := intoMemory()
	status := vfstest.Main(m)
	remove()
	os.Exit(status)
}

// onDisk is where temporary files are if they shall be on a disk.
var onDisk = os.TempDir()

// intoMemory puts the tests' files into memory, where no commit waits for a
// disk, unless VEDUTA_TEST_DISK is set or that file system cannot bear the marks
// of a layer (user attributes came to tmpfs with Linux 6.6).
func intoMemory() (remove func()) {
	remove = func() {}
	if os.Getenv("VEDUTA_TEST_DISK") != "" {
		return remove
	}
	dir, err := os.MkdirTemp("/dev/shm", "review-")
	if err != nil {
		return remove
	}
	remove = func() { session.RemoveTree(dir) }
	if unix.Lsetxattr(dir, xattrOpaque, []byte("y"), 0) == nil && unix.Lremovexattr(dir, xattrOpaque) == nil {
		os.Setenv("TMPDIR", dir)
	}
	return remove
}

// env is a session over a directory of the test's.
type env struct {
	t     *testing.T
	s     *session.Session
	store *session.Store
	lower string
	upper string
}

// newEnv makes one; build makes what lies below, edit the upper layer.
func newEnv(t *testing.T, sc scenario) *env {
	t.Helper()
	return newEnvAt(t, sc, tempDir(t), tempDir(t))
}

// tempDir is a directory that is removed whatever the modes in it.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	t.Cleanup(func() { session.RemoveTree(dir) })
	return dir
}

// diskDir is tempDir on a disk.
func diskDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(onDisk, "review-")
	check(t, err)
	dir, err = filepath.EvalSymlinks(dir)
	check(t, err)
	t.Cleanup(func() { session.RemoveTree(dir) })
	return dir
}

// newEnvAt has the store and what lies below in directories of their own.
func newEnvAt(t *testing.T, sc scenario, dir, below string) *env {
	t.Helper()
	var err error
	e := &env{t: t, lower: filepath.Join(below, "lower")}
	check(t, os.Mkdir(e.lower, 0o755))
	e.store, err = session.OpenAt(filepath.Join(dir, "store"))
	check(t, err)
	uid, gid := uint32(os.Geteuid()), uint32(os.Getegid())
	e.s, err = e.store.Create("s", session.Meta{
		Command: []string{"true"}, Native: uid == 0, Cow: []string{"/view"}, Below: map[string]string{"/view": e.lower},
		Identity: session.Identity{RealUID: uid, RealGID: gid, ViewUID: uid, ViewGID: gid},
	})
	check(t, err)
	t.Cleanup(func() { e.s.Close() })
	e.upper = e.s.UpperOf("/view")
	check(t, os.Mkdir(e.upper, 0o755))
	sc.below(tree{t, e.lower, nil})
	own, err := owners(e.s)
	check(t, err)
	sc.edit(e, tree{t, e.upper, own})
	return e
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tree makes files by hand.
type tree struct {
	t   *testing.T
	dir string
	own *owner.Store // of an upper layer
}

func (r tree) at(p string) string { return filepath.Join(r.dir, p) }

func (r tree) ok(err error) {
	r.t.Helper()
	check(r.t, err)
}

func (r tree) mkdir(p string, mode uint32) {
	r.t.Helper()
	r.ok(os.MkdirAll(r.at(p), 0o755))
	r.chmod(p, mode)
}

func (r tree) file(p, data string) {
	r.t.Helper()
	r.ok(os.MkdirAll(filepath.Dir(r.at(p)), 0o755))
	os.Remove(r.at(p))
	r.ok(os.WriteFile(r.at(p), []byte(data), 0o644))
	ts := []unix.Timespec{{Sec: 1e9}, {Sec: 1e9}}
	r.ok(unix.UtimesNanoAt(unix.AT_FDCWD, r.at(p), ts, 0))
}

func (r tree) append(p, data string) {
	r.t.Helper()
	f, err := os.OpenFile(r.at(p), os.O_WRONLY|os.O_APPEND, 0)
	r.ok(err)
	_, err = f.WriteString(data)
	r.ok(err)
	r.ok(f.Close())
	ts := []unix.Timespec{{Sec: 2e9}, {Sec: 2e9}}
	r.ok(unix.UtimesNanoAt(unix.AT_FDCWD, r.at(p), ts, 0))
}

func (r tree) symlink(target, p string) { r.t.Helper(); r.ok(os.Symlink(target, r.at(p))) }
func (r tree) link(old, p string)       { r.t.Helper(); r.ok(os.Link(r.at(old), r.at(p))) }
func (r tree) fifo(p string)            { r.t.Helper(); r.ok(unix.Mkfifo(r.at(p), 0o640)) }
func (r tree) chmod(p string, mode uint32) {
	r.t.Helper()
	if r.own == nil {
		r.ok(unix.Chmod(r.at(p), mode))
		return
	}
	a, err := vfs.HostLstat(r.at(p))
	r.ok(err)
	r.ok(r.own.Fix(&a, r.at(p)))
	a.SetPerm(mode)
	r.ok(r.own.SettlePath(r.at(p), owner.InodeOf(&a)))
}
func (r tree) rename(old, p string) { r.t.Helper(); r.ok(os.Rename(r.at(old), r.at(p))) }
func (r tree) setxattr(p string, name, v string) {
	r.t.Helper()
	r.ok(unix.Lsetxattr(r.at(p), name, []byte(v), 0))
}
func (r tree) remove(p string) { r.t.Helper(); r.ok(os.RemoveAll(r.at(p))) }

// whiteout, opaque and redirect are for upper layers.
func (r tree) whiteout(p string) {
	r.t.Helper()
	r.ok(os.MkdirAll(filepath.Dir(r.at(p)), 0o755))
	r.ok(unix.Mknod(r.at(p), unix.S_IFCHR, 0))
}
func (r tree) opaque(p string) { r.t.Helper(); r.mkdir(p, 0o755); r.setxattr(p, xattrOpaque, "y") }
func (r tree) redirect(p, to string) {
	r.t.Helper()
	r.mkdir(p, 0o755)
	r.setxattr(p, xattrRedirect, to)
}

// copyUp copies a file as the overlay does.
func (e *env) copyUp(u tree, p string) {
	e.t.Helper()
	from := filepath.Join(e.lower, p)
	check(e.t, os.MkdirAll(filepath.Dir(u.at(p)), 0o755))
	out, err := exec.Command("cp", "-a", "--no-target-directory", from, u.at(p)).CombinedOutput()
	if err != nil {
		e.t.Fatalf("cp: %s", out)
	}
	e.note(p, u.at(p))
}

// note logs the origin of a copy-up or deletion.
func (e *env) note(p, upper string) {
	e.t.Helper()
	low, err := vfs.HostLstat(filepath.Join(e.lower, p))
	check(e.t, err)
	up, _ := vfs.HostLstat(upper)
	line := fmt.Sprintf(`{"path":"/view/%s","dev":%d,"ino":%d,"btime":%d,"ldev":%d,"lino":%d,"lctime":%d,"lmtime":%d,"lsize":%d,"lmode":%d}`+"\n",
		p, up.Dev(), up.Ino, nanos(up.Btime), low.Dev(), low.Ino, nanos(low.Ctime), nanos(low.Mtime), low.Size, low.Mode)
	f, err := os.OpenFile(e.s.Origins(), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	check(e.t, err)
	_, err = f.WriteString(line)
	check(e.t, err)
	check(e.t, f.Close())
}

// snapshot describes a tree: all that a commit is to bring over.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	lines := map[string]string{}
	names := map[identity][]string{}
	check(t, filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
		a, err := vfs.HostLstat(p)
		if err != nil {
			return err
		}
		rel := p[len(dir):]
		line := fmt.Sprintf("%o %d:%d", a.Mode, a.Uid, a.Gid)
		switch a.Kind() {
		case unix.S_IFREG:
			data, err := os.ReadFile(p)
			line += fmt.Sprintf(" %q %v mtime %d nlink %d", data, err == nil, a.Mtime.Sec, a.Nlink)
			names[identityOf(&a)] = append(names[identityOf(&a)], rel)
		case unix.S_IFLNK:
			target, _ := os.Readlink(p)
			line += " -> " + target
		case unix.S_IFCHR, unix.S_IFBLK:
			line += fmt.Sprintf(" %d", a.Rdev())
		}
		xs, _ := listxattr(p)
		slices.Sort(xs)
		for _, x := range xs {
			line += " " + x + "=" + lget(p, x)
		}
		lines[rel] = line
		return nil
	}))
	for _, group := range names {
		if len(group) > 1 {
			lines["= "+strings.Join(group, " ")] = ""
		}
	}
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(lines)) {
		fmt.Fprintf(&b, "%s %s\n", k, lines[k])
	}
	return b.String()
}

// brief is the list of changes, letter and path.
func brief(e *env, changes []*Change) string {
	var list []string
	for _, c := range Visible(changes) {
		s := string(c.Kind) + strings.TrimPrefix(string(c.Path), e.lower)
		if c.From != "" {
			s += "<" + strings.TrimPrefix(string(c.From), e.lower)
		}
		list = append(list, s)
	}
	return strings.Join(list, " ")
}

func (e *env) changes() []*Change {
	e.t.Helper()
	list, err := Changes(e.s)
	check(e.t, err)
	return list
}
