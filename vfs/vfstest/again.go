package vfstest

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

const runEnv = "VEDUTA_TEST_RUN"

// An ordinary user who is nobody's else on any system.
const ordinary = 12345

// AsUser runs the rest of the calling test as an ordinary user: it returns true
// in a process that is one. As root it runs the test again in such a process
// and returns false.
func AsUser(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		return true
	}
	again(t, "user", &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: ordinary, Gid: ordinary}})
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

func again(t *testing.T, how string, attr *syscall.SysProcAttr) {
	t.Helper()
	dir, err := os.MkdirTemp("", "vfstest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	// The directory of the test binary may be closed to others.
	exe := filepath.Join(dir, "test")
	copyExecutable(t, exe)
	tmp := filepath.Join(dir, "tmp")
	for _, d := range []string{dir, tmp} {
		os.MkdirAll(d, 0o755)
		os.Chmod(d, 0o755)
	}
	if attr.Credential != nil {
		os.Chown(tmp, int(attr.Credential.Uid), int(attr.Credential.Gid))
	}
	name := "^" + strings.ReplaceAll(t.Name(), "/", "$/^") + "$"
	cmd := exec.Command(exe, "-test.run="+name, "-test.v="+verbose())
	cmd.Dir, cmd.SysProcAttr = tmp, attr
	cmd.Env = append(os.Environ(), runEnv+"="+how, "TMPDIR="+tmp, "HOME="+tmp)
	out, err := cmd.CombinedOutput()
	if err != nil || testing.Verbose() {
		t.Logf("as %s:\n%s", how, out)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func verbose() string {
	if testing.Verbose() {
		return "true"
	}
	return "false"
}

func copyExecutable(t *testing.T, to string) {
	t.Helper()
	in, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
