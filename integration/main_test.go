package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// base is the directory of all that the tests make. Everybody may search it.
var base string

// veduta is the binary under test; dumper is this test binary, where an
// ordinary user can execute it.
var veduta, dumper string

func TestMain(m *testing.M) {
	if dir := os.Getenv(dumpVariable); dir != "" {
		os.Exit(dumpMain(dir))
	}
	unix.Umask(0o022)
	status, err := prepareAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "integration:", err)
		status = 1
	}
	os.Exit(status)
}

func prepareAndRun(m *testing.M) (int, error) {
	var err error
	if base, err = os.MkdirTemp("", "veduta-it-"); err != nil {
		return 0, err
	}
	defer removeAll(base)
	bin := filepath.Join(base, "bin")
	for _, dir := range []string{base, bin} {
		os.Mkdir(dir, 0o755)
		if err := os.Chmod(dir, 0o755); err != nil {
			return 0, err
		}
	}
	veduta, dumper = filepath.Join(bin, "veduta"), filepath.Join(bin, "dumper")
	if err := build(); err != nil {
		return 0, err
	}
	if err := copyProgram(dumper, "/proc/self/exe"); err != nil {
		return 0, err
	}
	if err := compile(bin); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// build makes the binary under test; VEDUTA_TEST_BINARY names one that is there
// already.
func build() error {
	if given := os.Getenv("VEDUTA_TEST_BINARY"); given != "" {
		return copyProgram(veduta, given)
	}
	cmd := exec.Command("go", "build", "-ldflags=-E _veduta_start", "-o", veduta, "../cmd/veduta")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

func copyProgram(to, from string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o755)
}

// removeAll removes a tree that may hold directories without permission.
func removeAll(dir string) {
	filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			os.Chmod(p, 0o700)
		}
		return nil
	})
	os.RemoveAll(dir)
}
