package session

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/veduta/veduta/vfs/vfstest"
	"golang.org/x/sys/unix"
)

const testUID = vfstest.Ordinary

// TestMain runs the tests as root and once more as an ordinary user.
func TestMain(m *testing.M) {
	if os.Getenv("SESSION_TEST_HOLD") != "" {
		holdLock()
		return
	}
	os.Exit(vfstest.Main(m))
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
