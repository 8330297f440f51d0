package integration

import (
	"errors"
	"os/exec"
	"syscall"
	"testing"
)

// needNamespace skips a test whose reference is real root's where the kernel
// gives no mount name space and no other root directory.
func needNamespace(t *testing.T) {
	t.Helper()
	needs(t, "unshare(2) and chroot(2)", &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Chroot: "/"})
}

// needOthers skips a test where the kernel lets nobody become another user.
func needOthers(t *testing.T) {
	t.Helper()
	needs(t, "setgroups(2) and setuid(2)", &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: userCaller().uid, Gid: userCaller().uid}})
}

// needs asks the kernel by a process of such a kind.
func needs(t *testing.T, calls string, attr *syscall.SysProcAttr) {
	t.Helper()
	cmd := exec.Command("/bin/true")
	cmd.SysProcAttr = attr
	switch err := cmd.Run(); {
	case errors.Is(err, syscall.EPERM):
		t.Skipf("%s: %v", calls, err)
	case err != nil:
		t.Fatal(err)
	}
}
