package session

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

const testUID = 12345

// TestMain runs the tests as root and once more as an ordinary user.
func TestMain(m *testing.M) {
	if os.Getenv("SESSION_TEST_HOLD") != "" {
		holdLock()
		return
	}
	status := m.Run()
	if status == 0 && os.Geteuid() == 0 {
		status = asUser()
	}
	os.Exit(status)
}

func asUser() int {
	dir, err := os.MkdirTemp("/tmp", "session-*")
	if err != nil {
		panic(err)
	}
	defer removeTree(dir)
	self, err := os.ReadFile("/proc/self/exe")
	exe, tmp := filepath.Join(dir, "test"), filepath.Join(dir, "tmp")
	err = errors.Join(err, os.Chmod(dir, 0o755), os.WriteFile(exe, self, 0o755), os.Mkdir(tmp, 0o700), os.Chown(tmp, testUID, testUID))
	if err != nil {
		panic(err)
	}
	var args []string
	for _, a := range os.Args[1:] {
		if strings.HasPrefix(a, "-test.run") || strings.HasPrefix(a, "-test.v") {
			args = append(args, a)
		}
	}
	cmd := exec.Command(exe, args...)
	cmd.Dir, cmd.Env = tmp, append(os.Environ(), "TMPDIR="+tmp)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: testUID, Gid: testUID}}
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "as user", testUID, err)
		return 1
	}
	return 0
}

// holdLock makes a running session and holds it until it is killed.
func holdLock() {
	st, err := OpenAt(os.Getenv("SESSION_TEST_HOLD"))
	if err != nil {
		panic(err)
	}
	s, err := st.Create("held", Meta{Command: []string{"sleep"}})
	if err != nil {
		panic(err)
	}
	if err := s.Start(); err != nil {
		panic(err)
	}
	fmt.Println("held")
	unix.Pause()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newStore(t *testing.T) *Store {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "veduta")
	st, err := OpenAt(dir)
	check(t, err)
	t.Cleanup(func() { removeTree(dir) })
	return st
}
