package vfstest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

const runEnv = "VEDUTA_TEST_RUN"

// Ordinary is the id of a user who is nobody's else on any system.
const Ordinary = 12345

// AsUser runs the rest of the calling test as an ordinary user: it returns true
// in a process that is one. As root it runs the test again in such a process
// and returns false.
func AsUser(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		return true
	}
	again(t, "user", &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: Ordinary, Gid: Ordinary}})
	return false
}

// Mounting runs the rest of the calling test where it may mount: it returns
// true in a process of root's with its own mount name space.
func Mounting(t *testing.T) bool {
	t.Helper()
	if os.Getenv(runEnv) == "mount" {
		if err := unix.Mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			t.Fatal(err)
		}
		return true
	}
	if os.Geteuid() != 0 {
		t.Skip("mounting the kernel's overlayfs needs root")
	}
	again(t, "mount", &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS})
	return false
}

// Main runs the tests of a package, and by root once more as an ordinary user:
// for a TestMain, whose result it is. Fuzzing is done once.
func Main(m *testing.M) (status int) {
	if status = m.Run(); status != 0 || os.Geteuid() != 0 || flag.Lookup("test.fuzz").Value.String() != "" {
		return status
	}
	var args []string
	for _, a := range os.Args[1:] {
		if strings.HasPrefix(a, "-test.") && !strings.Contains(a, "profile") && !strings.Contains(a, "testlogfile") && !strings.Contains(a, "gocoverdir") {
			args = append(args, a)
		}
	}
	cmd, remove, err := self(&syscall.SysProcAttr{Credential: &syscall.Credential{Uid: Ordinary, Gid: Ordinary}}, args...)
	if err == nil {
		defer remove()
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		err = cmd.Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "as an ordinary user:", err)
		return 1
	}
	return 0
}

func again(t *testing.T, how string, attr *syscall.SysProcAttr) {
	t.Helper()
	name := "^" + strings.ReplaceAll(t.Name(), "/", "$/^") + "$"
	cmd, remove, err := self(attr, "-test.run="+name, "-test.v="+strconv.FormatBool(testing.Verbose()))
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	cmd.Env = append(cmd.Env, runEnv+"="+how)
	out, err := cmd.CombinedOutput()
	if err != nil || testing.Verbose() {
		t.Logf("as %s:\n%s", how, out)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// self is a run of the test binary from a directory that is open to everybody;
// remove takes the directory away.
func self(attr *syscall.SysProcAttr, args ...string) (cmd *exec.Cmd, remove func(), err error) {
	dir, err := os.MkdirTemp("/tmp", "vfstest-")
	if err != nil {
		return nil, nil, err
	}
	exe, tmp := filepath.Join(dir, "test"), filepath.Join(dir, "tmp")
	binary, err := os.ReadFile("/proc/self/exe")
	err = errors.Join(err, os.WriteFile(exe, binary, 0o755), os.Mkdir(tmp, 0o755), os.Chmod(tmp, 0o755), os.Chmod(dir, 0o755))
	if attr.Credential != nil {
		err = errors.Join(err, os.Chown(tmp, int(attr.Credential.Uid), int(attr.Credential.Gid)))
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	cmd = exec.Command(exe, args...)
	cmd.Dir, cmd.SysProcAttr = tmp, attr
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "HOME="+tmp)
	return cmd, func() { os.RemoveAll(dir) }, nil
}
