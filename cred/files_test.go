package cred_test

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/vfs"
)

func init() {
	children["files"] = func(args []string) error {
		return compareFiles(args[0], int64(atoi(args[1])), atoi(args[2]))
	}
}

// TestChecksLikeKernel makes random users do random things to random files and
// compares with what the model permits, and the owner and mode that result.
func TestChecksLikeKernel(t *testing.T) {
	needRoot(t)
	// Memory where there is some: the scenes are set up thousands of times.
	if os.Getenv("TMPDIR") == "" && unix.Access("/dev/shm", unix.W_OK) == nil {
		t.Setenv("TMPDIR", "/dev/shm")
	}
	runChild(t, "files", openDir(t), fmt.Sprint(*seedFlag), fmt.Sprint(*filesFlag))
}

// openDir is a temporary directory that everyone may search.
func openDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// actor is a thread that acts as someone while others stay root.
type actor struct {
	cred *cred.Cred
	acts chan func()
	done chan struct{}
}

func newActor(r *rand.Rand) *actor {
	a := &actor{acts: make(chan func()), done: make(chan struct{})}
	ready := make(chan *cred.Cred)
	go onThread(func() error {
		ready <- become(r)
		for act := range a.acts {
			act()
			a.done <- struct{}{}
		}
		return nil
	})
	a.cred = <-ready
	return a
}

func (a *actor) act(f func()) { a.acts <- f; <-a.done }

func compareFiles(base string, seed int64, checks int) error {
	unix.Umask(0)
	const perActor = 20
	scene, st := newScene(base), &tally{}
	for n := 0; n < checks; n += perActor {
		r := rand.New(rand.NewSource(seed + int64(n)))
		a := newActor(r)
		for range perActor {
			if err := compareCheck(r, scene, a, st); err != nil {
				return fmt.Errorf("seed %d: %w", seed+int64(n), err)
			}
		}
		close(a.acts)
	}
	fmt.Println(st)
	return nil
}

func compareCheck(r *rand.Rand, s *scene, a *actor, st *tally) error {
	if err := s.arrange(r); err != nil {
		return err
	}
	c := randChecks[r.Intn(len(randChecks))](r, s)
	asBefore := a.cred.Clone()
	var want unix.Errno
	a.act(func() { want = c.kernel() })
	got := vfs.Errno(c.model(a.cred))
	st.count(want)
	if !reflect.DeepEqual(asBefore, a.cred) {
		return fmt.Errorf("%s changed the credentials", c.name)
	}
	if got != want {
		return fmt.Errorf("%s: kernel %v, model %v\n%s", c.name, want, got, story(s, a))
	}
	if got == 0 && c.path != "" {
		if want, got := lookOwned(c.path), c.after(a.cred); want != got {
			return fmt.Errorf("%s: kernel made %s, model %s\n%s", c.name, want, got, story(s, a))
		}
	}
	return nil
}

func story(s *scene, a *actor) string {
	show := func(name string, a *vfs.Attr) string {
		if a == nil {
			return ""
		}
		return fmt.Sprintf("%-4s %d %d %o\n", name, a.Uid, a.Gid, a.Mode)
	}
	return fmt.Sprintf("%+v\n", *a.cred) + show("a", &s.a) + show("a/f", &s.f) + show("a/t", s.aT) +
		show("b", &s.b) + show("b/t", s.bT) + fmt.Sprintf("acl of a/f % x", s.fACL)
}
