package session

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

func TestLife(t *testing.T) {
	st := newStore(t)
	s, err := st.Create("", Meta{Command: []string{"/usr/bin/apt-get", "install"}})
	check(t, err)
	if s.Name() != "apt-get-1" {
		t.Errorf("name %s", s.Name())
	}
	check(t, s.Start())
	if _, err := st.OpenSession(s.Name(), true); !errors.Is(err, ErrInUse) {
		t.Errorf("locked twice: %v", err)
	}
	if err := st.Remove(s.Name()); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("removed while in use: %v", err)
	}
	check(t, s.End(3))
	check(t, s.Close())
	r, err := st.OpenSession("apt-get-1", false)
	check(t, err)
	m := r.Meta()
	if m.State != Ended || m.ExitStatus != 3 || m.Command[1] != "install" || m.Cow[0] != "/" {
		t.Errorf("meta %+v", m)
	}
	if err := r.Update(func(*Meta) {}); err == nil {
		t.Error("updated without the lock")
	}
	check(t, st.Remove("apt-get-1"))
	if _, err := st.Latest(); !errors.Is(err, ErrNone) {
		t.Errorf("latest of none: %v", err)
	}
	left, err := os.ReadDir(st.sessions())
	check(t, err)
	if len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestNames(t *testing.T) {
	st := newStore(t)
	for _, bad := range []string{".", "..", "a/b", "-x", ".hidden", "a b", "a\n", strings.Repeat("x", 65)} {
		if _, err := st.Create(bad, Meta{}); err == nil {
			t.Errorf("%q was taken", bad)
		}
		if err := st.Remove(bad); err == nil {
			t.Errorf("%q was removed", bad)
		}
	}
	for i, want := range []string{"make-1", "make-2", "make-8", "session-1"} {
		cmd := []string{"make"}
		switch i {
		case 2:
			s, err := st.Create("make-7", Meta{})
			check(t, err)
			defer s.Close()
		case 3:
			cmd = []string{"/"}
		}
		s, err := st.Create("", Meta{Command: cmd})
		check(t, err)
		defer s.Close()
		if s.Name() != want {
			t.Errorf("name %s, want %s", s.Name(), want)
		}
	}
	if _, err := st.Create("make-1", Meta{}); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("made twice: %v", err)
	}
}

func TestNamesAtOnce(t *testing.T) {
	st := newStore(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			s, err := st.Create("", Meta{Command: []string{"x"}})
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
	list, err := st.List()
	check(t, err)
	if len(list) != 20 {
		t.Errorf("%d sessions", len(list))
	}
}

// TestKilledMonitor: its session is listed as interrupted and can be taken.
func TestKilledMonitor(t *testing.T) {
	st := newStore(t)
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "SESSION_TEST_HOLD="+st.Dir())
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatal(line, err)
	}
	state := func() Info {
		list, err := st.List()
		check(t, err)
		return list[0]
	}
	if in := state(); in.State != Running || in.Holder != cmd.Process.Pid {
		t.Errorf("%+v", in)
	}
	check(t, cmd.Process.Kill())
	cmd.Wait()
	if in := state(); in.State != Interrupted || in.Holder != 0 {
		t.Errorf("%+v", in)
	}
	s, err := st.OpenSession("held", true)
	check(t, err)
	check(t, s.Close())
}

// TestDamaged: whatever a session's directory holds, it is listed and can be
// removed.
func TestDamaged(t *testing.T) {
	for name, spoil := range map[string]func(dir string) error{
		"no description": func(dir string) error { return os.Remove(filepath.Join(dir, metaFile)) },
		"empty":          func(dir string) error { return os.Truncate(filepath.Join(dir, metaFile), 0) },
		"half":           func(dir string) error { return os.Truncate(filepath.Join(dir, metaFile), 20) },
		"newer": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, metaFile), []byte(`{"format":99}`), 0o600)
		},
		"no lock": func(dir string) error { return os.Remove(filepath.Join(dir, lockFile)) },
		"description a dir": func(dir string) error {
			os.Remove(filepath.Join(dir, metaFile))
			return os.Mkdir(filepath.Join(dir, metaFile), 0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := newStore(t)
			s, err := st.Create("x", Meta{})
			check(t, err)
			check(t, s.Close())
			check(t, spoil(s.Dir()))
			list, err := st.List()
			check(t, err)
			if len(list) != 1 || list[0].Name != "x" || (list[0].State == Damaged) != (name != "no lock") {
				t.Errorf("%+v", list)
			}
			if s, err := st.OpenSession("x", true); err == nil {
				check(t, s.Close())
			}
			check(t, st.Remove("x"))
		})
	}
}

func TestSweep(t *testing.T) {
	st := newStore(t)
	check(t, os.MkdirAll(filepath.Join(st.sessions(), ".new-1/upper"), 0o700))
	check(t, os.MkdirAll(filepath.Join(st.sessions(), ".gone-1/x/upper"), 0o700))
	area := filepath.Join(t.TempDir(), AreaPrefix+"x")
	check(t, os.Mkdir(area, 0o700))
	check(t, os.WriteFile(filepath.Join(st.sessions(), ".gone-1/x/areas"), []byte("/tmp\x00"+area+"\x00"), 0o600))
	check(t, st.Sweep())
	left, err := os.ReadDir(st.sessions())
	check(t, err)
	if len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if _, err := os.Stat(area); !os.IsNotExist(err) {
		t.Errorf("area: %v", err)
	}
	if _, err := os.Stat("/tmp"); err != nil {
		t.Error(err)
	}
}

func TestRemoveTree(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tree")
	outside := filepath.Join(t.TempDir(), "outside")
	check(t, os.MkdirAll(filepath.Join(outside, "d"), 0o755))
	check(t, os.MkdirAll(filepath.Join(dir, "closed/in/deep"), 0o755))
	check(t, os.Symlink(outside, filepath.Join(dir, "closed/in/link")))
	check(t, unix.Mknod(filepath.Join(dir, "closed/in/whiteout"), unix.S_IFCHR, 0))
	for _, d := range []string{"closed/in/deep", "closed/in", "closed"} {
		check(t, os.Chmod(filepath.Join(dir, d), 0))
	}
	many := filepath.Join(dir, "many")
	check(t, os.Mkdir(many, 0o755))
	for i := range 3000 {
		check(t, os.WriteFile(filepath.Join(many, fmt.Sprint(i)), nil, 0))
	}
	deepTree(t, dir, 3000)
	check(t, removeTree(dir))
	if _, err := os.Lstat(dir); !os.IsNotExist(err) {
		t.Error("it is still there")
	}
	if _, err := os.Lstat(filepath.Join(outside, "d")); err != nil {
		t.Errorf("it followed a link: %v", err)
	}
	check(t, removeTree(dir))
}

// deepTree makes a chain of directories that no path can name.
func deepTree(t *testing.T, dir string, depth int) {
	t.Helper()
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	check(t, err)
	for range depth {
		check(t, unix.Mkdirat(fd, "ddddd", 0o755))
		next, err := unix.Openat(fd, "ddddd", unix.O_RDONLY|unix.O_DIRECTORY, 0)
		unix.Close(fd)
		check(t, err)
		fd = next
	}
	unix.Close(fd)
}
