package review

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/overlayfs"
	"golang.org/x/sys/unix"
)

// world does the same operations in a view and natively.
type world struct {
	fs     *overlayfs.FS
	native string
	owner  vfs.Owner
}

// operations return whether the view and the kernel agree.
func (w *world) both(view func() error, native func() error) error {
	v, n := vfs.Errno(view()), vfs.Errno(native())
	if (v == 0) != (n == 0) {
		return fmt.Errorf("the view says %v, the kernel %v", v, n)
	}
	return nil
}

func (w *world) open(p string, flags int, data string) error {
	how := vfs.How{Flags: flags, Mode: 0o644, Owner: w.owner}
	at, err := w.fs.Open(p, how)
	if err != nil {
		return err
	}
	if !at.Create {
		flags &^= unix.O_CREAT | unix.O_EXCL
		at.Mode = 0
	}
	fd, err := unix.Open(at.Host, flags, at.Mode)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if _, err := unix.Write(fd, []byte(data)); err != nil {
		return err
	}
	if at.Create {
		return w.fs.Created(p, fd, how)
	}
	return nil
}

func nativeOpen(p string, flags int, data string) error {
	fd, err := unix.Open(p, flags, 0o644)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	_, err = unix.Write(fd, []byte(data))
	return err
}

// step does one random operation.
func (w *world) step(r *rand.Rand) (string, error) {
	p, q := randomPath(r), randomPath(r)
	np, nq := w.native+p, w.native+q
	data := fmt.Sprint(r.Intn(1000))
	mode := []uint32{0o755, 0o700, 0o751}[r.Intn(3)]
	switch r.Intn(10) {
	case 0:
		return "write " + p, w.both(func() error { return w.open(p, unix.O_NOFOLLOW|unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, data) },
			func() error { return nativeOpen(np, unix.O_NOFOLLOW|unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, data) })
	case 1:
		return "append " + p, w.both(func() error { return w.open(p, unix.O_NOFOLLOW|unix.O_WRONLY|unix.O_APPEND, data) },
			func() error { return nativeOpen(np, unix.O_NOFOLLOW|unix.O_WRONLY|unix.O_APPEND, data) })
	case 2:
		return "unlink " + p, w.both(func() error { return w.fs.Unlink(p) }, func() error { return unix.Unlink(np) })
	case 3:
		return "rmdir " + p, w.both(func() error { return w.fs.Rmdir(p) }, func() error { return unix.Rmdir(np) })
	case 4:
		return "mkdir " + p, w.both(func() error { return w.fs.Mkdir(p, mode, w.owner) }, func() error { return unix.Mkdir(np, mode) })
	case 5, 6:
		if p == q || within(q, p) || within(p, q) {
			return "", nil
		}
		return "rename " + p + " " + q, w.both(func() error { return w.fs.Rename(p, q, 0) }, func() error { return unix.Rename(np, nq) })
	case 7:
		return "link " + p + " " + q, w.both(func() error { return w.fs.Link(p, q) }, func() error { return unix.Link(np, nq) })
	case 8:
		return "symlink " + p, w.both(func() error { return w.fs.Symlink(data, p, w.owner) }, func() error { return unix.Symlink(data, np) })
	}
	return "chmod " + p, w.both(func() error {
		if a, err := w.fs.Lstat(p); err != nil || a.IsLink() {
			return unix.ENOENT
		}
		return w.fs.SetAttr(p, vfs.SetAttr{Valid: vfs.SetMode, Mode: mode})
	}, func() error {
		if a, err := vfs.HostLstat(np); err != nil || a.IsLink() {
			return unix.ENOENT
		}
		return unix.Chmod(np, mode)
	})
}

func randomPath(r *rand.Rand) string {
	p := "/"
	for range 1 + r.Intn(3) {
		p = path.Join(p, string(rune('a'+r.Intn(3))))
	}
	return p
}

// populate makes a random tree.
func populate(l tree, r *rand.Rand) {
	for range 12 {
		p := randomPath(r)
		if os.MkdirAll(filepath.Dir(l.at(p)), 0o755) != nil {
			continue
		}
		switch r.Intn(4) {
		case 0:
			os.Mkdir(l.at(p), 0o755)
		case 1:
			os.Link(l.at(randomPath(r)), l.at(p))
		default:
			if !exists(l.at(p)) {
				l.file(p[1:], "low"+p)
			}
		}
	}
}

var mtime = regexp.MustCompile(` mtime -?\d+`)

func timeless(s string) string { return mtime.ReplaceAllString(s, "") }

var nlink = regexp.MustCompile(` nlink \d+`)

// unlinked leaves out the number of names: what a commit replaced has one until
// undo is given up.
func unlinked(s string) string { return nlink.ReplaceAllString(timeless(s), "") }

// random is a session in which an overlay has run, and the native tree.
func random(t *testing.T, seed int64) (e *env, native string, script []string) {
	native = filepath.Join(tempDir(t), "native")
	check(t, os.Mkdir(native, 0o755))
	sc := scenario{
		below: func(l tree) { populate(l, rand.New(rand.NewSource(seed))) },
		edit:  func(e *env, u tree) {},
	}
	e = newEnv(t, sc)
	sc.below(tree{t, native, nil})
	own, err := owners(e.s)
	check(t, err)
	fs, err := overlayfs.New(overlayfs.Options{Lower: []string{e.lower}, Upper: e.upper, Work: e.s.Work(), Owners: own, Mount: "/view"})
	check(t, err)
	w := &world{fs, native, vfs.Owner{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())}}
	r := rand.New(rand.NewSource(seed + 1))
	for range 30 {
		did, err := w.step(r)
		if did != "" {
			script = append(script, did)
		}
		if err != nil {
			t.Fatalf("seed %d: %v: %v", seed, script, err)
		}
	}
	check(t, fs.Close())
	return e, native, script
}

const seeds = 40

// TestCommitOfOverlay commits what an overlay has written.
func TestCommitOfOverlay(t *testing.T) {
	for seed := range int64(seeds) {
		e, native, script := random(t, seed)
		before, layer := snapshot(t, e.lower), snapshot(t, e.upper)
		changes := e.changes()
		if len(changes) == 0 {
			equal(t, "unchanged", unlinked(before), unlinked(snapshot(t, native)))
			continue
		}
		listed := brief(e, changes)
		_, err := Commit(e.s, nil, Options{})
		if err != nil {
			t.Fatalf("seed %d: %v\n%v\n%s", seed, err, script, listed)
		}
		equal(t, "committed", unlinked(snapshot(t, e.lower)), unlinked(snapshot(t, native)))
		check(t, Undo(e.s, Options{}))
		equal(t, "undone", snapshot(t, e.lower), before)
		equal(t, "layer", snapshot(t, e.upper), layer)
		equal(t, "changes", brief(e, e.changes()), listed)
		_, err = Commit(e.s, nil, Options{})
		if err != nil {
			log, _ := os.ReadFile(e.s.Origins())
			t.Fatalf("seed %d again: %v\n%q\n%s\n%s", seed, err, script, listed, log)
		}
		check(t, drop(e.s))
		equal(t, "committed again", timeless(snapshot(t, e.lower)), timeless(snapshot(t, native)))
		if t.Failed() {
			t.Fatalf("seed %d: %q\n%s", seed, script, listed)
		}
	}
}

// TestPartsOfOverlay commits a random path at a time.
func TestPartsOfOverlay(t *testing.T) {
	for seed := range int64(seeds) {
		e, native, script := random(t, seed)
		r := rand.New(rand.NewSource(seed))
		var parts []string
		for {
			left := e.changes()
			if len(left) == 0 {
				check(t, drop(e.s))
				break
			}
			p := string(left[r.Intn(len(left))].Path)
			parts = append(parts, p[len(e.lower):])
			listed := brief(e, left)
			if _, err := Commit(e.s, []string{p}, Options{}); err != nil || len(parts) > 100 {
				log, _ := os.ReadFile(e.s.Origins())
				t.Fatalf("seed %d: %v\n%v\n%v\n%s\n%s", seed, err, script, parts, listed, log)
			}
		}
		equal(t, "committed", timeless(snapshot(t, e.lower)), timeless(snapshot(t, native)))
		if t.Failed() {
			t.Fatalf("seed %d: %q %q", seed, script, parts)
		}
	}
}

// TestOverlayKilled kills commits of what an overlay has written.
func TestOverlayKilled(t *testing.T) {
	for seed := range int64(seeds / 2) {
		r := rand.New(rand.NewSource(seed))
		for _, way := range []func(*session.Session, Options) error{Resume, Rollback} {
			e, native, script := random(t, seed)
			want := timeless(snapshot(t, e.lower))
			kill := r.Intn(40)
			_, err := Commit(e.s, nil, Options{kill: killer(kill)})
			if err == nil {
				continue
			}
			if !errors.Is(err, errKilled) {
				t.Fatalf("seed %d: %v", seed, err)
			}
			check(t, way(e.s, Options{}))
			if phase, _ := Pending(e.s); phase == Done {
				want = timeless(snapshot(t, native))
				check(t, drop(e.s))
			}
			equal(t, "after the kill", timeless(snapshot(t, e.lower)), want)
			if t.Failed() {
				t.Fatalf("seed %d, killed at %d: %q", seed, kill, script)
			}
		}
	}
}

// TestDiscardOfOverlay drops a random path at a time, until the view is what
// lies below again.
func TestDiscardOfOverlay(t *testing.T) {
	for seed := range int64(seeds) {
		e, _, script := random(t, seed)
		before := snapshot(t, e.lower)
		r := rand.New(rand.NewSource(seed))
		var parts []string
		for {
			left := e.changes()
			if len(left) == 0 {
				break
			}
			p := string(left[r.Intn(len(left))].Path)
			parts = append(parts, p[len(e.lower):])
			if _, err := Discard(e.s, []string{p}); err != nil || len(parts) > 100 {
				t.Fatalf("seed %d: %v\n%q\n%q\n%s", seed, err, script, parts, brief(e, left))
			}
		}
		equal(t, "below", snapshot(t, e.lower), before)
	}
}
