package cred_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

var (
	callsFlag = flag.Int("cred.calls", 20000, "random calls compared with the kernel")
	filesFlag = flag.Int("cred.files", 4000, "random permission checks compared with the kernel")
	execsFlag = flag.Int("cred.execs", 250, "random execs compared with the kernel")
	seedFlag  = flag.Int64("cred.seed", 1, "seed of the random comparisons")
)

// The comparisons change ids and dumpable, so they run in a child: the test
// binary itself, told by childEnv what to do.
const childEnv = "VEDUTA_CRED_CHILD"

var children = map[string]func(args []string) error{}

func TestMain(m *testing.M) {
	name, args, _ := strings.Cut(os.Getenv(childEnv), " ")
	if child := children[name]; child != nil {
		if err := child(strings.Fields(args)); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	os.Exit(m.Run())
}

func runChild(t *testing.T, name string, args ...string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+strings.TrimSpace(name+" "+strings.Join(args, " ")))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: acts as other users")
	}
}

// onThread runs f on a thread of its own, which ends with it: what f does to
// the thread's credentials is gone after.
func onThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- f()
	}()
	return <-done
}

func kernelAtLeast(major, minor int) bool {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return false
	}
	f := strings.FieldsFunc(unix.ByteSliceToString(u.Release[:]), func(r rune) bool { return r < '0' || r > '9' })
	if len(f) < 2 {
		return false
	}
	a, _ := strconv.Atoi(f[0])
	b, _ := strconv.Atoi(f[1])
	return a > major || a == major && b >= minor
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}
