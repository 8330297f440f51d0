package integration

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// in32 are the programs that are built for the 32 bits of i386 as well, as NAME_32.
var in32 = map[string]bool{
	"badpointers": true, "clones": true, "datagrams": true, "execinfo": true, "families": true, "seccomp_guest": true, "senders": true,
	"sigqueue": true, "static_calls": true, "static_hello": true, "static_int80": true, "stops": true, "swarm": true, "terminals": true, "threadexec": true,
	"threads": true, "timedwaits": true, "unbroken": true,
}

// crt32 is there where such programs can be built.
const crt32 = "/usr/lib32/crt1.o"

func builds32() bool {
	_, err := os.Stat(crt32)
	return runtime.GOARCH == "amd64" && err == nil
}

// need32 skips a test of 32-bit programs where there are none.
func need32(t *testing.T) {
	t.Helper()
	switch {
	case runtime.GOARCH != "amd64":
		t.Skip("no kernel of this CPU executes programs for i386")
	case builds32():
		// CONFIG_IA32_EMULATION, and ia32_emulation= on the kernel's command line
		if err := exec.Command(filepath.Join(filepath.Dir(veduta), "static_hello_32")).Run(); errors.Is(err, syscall.ENOEXEC) {
			t.Skipf("execve(2) of a program for i386: %v", err)
		}
	case os.Geteuid() == 0:
		t.Fatal("32-bit programs are needed, and gcc-multilib is not installed; make test installs what all need")
	default:
		t.Skip("32-bit programs are needed, and gcc-multilib is not installed")
	}
}

// compile builds each program of testdata/c into dir. One whose name begins with
// static is linked so.
func compile(dir string) error {
	sources, err := filepath.Glob("testdata/c/*.c")
	if err != nil {
		return err
	}
	for _, src := range sources {
		name := strings.TrimSuffix(filepath.Base(src), ".c")
		if name == "static_int80" && !builds32() {
			continue
		}
		if err := compileTo(filepath.Join(dir, name), src); err != nil {
			return err
		}
		if !in32[name] || !builds32() {
			continue
		}
		if err := compileTo(filepath.Join(dir, name+"_32"), src, "-m32"); err != nil {
			return err
		}
	}
	return nil
}

func compileTo(to, src string, flags ...string) error {
	args := append([]string{"-O1", "-pthread", "-o", to, src}, flags...)
	if strings.HasPrefix(filepath.Base(src), "static") {
		args = append(args, "-static")
	}
	if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("gcc %s: %w\n%s", src, err, out)
	}
	return nil
}
