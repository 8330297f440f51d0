package seccomp

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestProbeFindsWhatTheKernelHas: a probe may say no on an old kernel or
// below a foreign filter, and nowhere else.
func TestProbeFindsWhatTheKernelHas(t *testing.T) {
	f := Probe()
	t.Logf("%+v", f)
	for _, c := range []struct {
		name         string
		feature      Feature
		major, minor int
	}{
		{"Filter", f.Filter, 3, 17},
		{"Notify", f.Notify, 5, 0},
		{"AddFD", f.AddFD, 5, 9},
		{"AddFDSend", f.AddFDSend, 5, 14},
		{"WaitKillable", f.WaitKillable, 5, 19},
		{"SyncWakeUp", f.SyncWakeUp, 6, 6},
	} {
		if c.feature.OK != (c.feature.Why == nil) {
			t.Errorf("%s: %+v", c.name, c.feature)
		}
		if !c.feature.OK && kernelAtLeast(t, c.major, c.minor) && status(t, "self", "Seccomp") == "0" {
			t.Errorf("%s: %v", c.name, c.feature.Why)
		}
	}
}

// firstThread makes the test binary probe from the first thread, where init
// and TestMain run.
const firstThread = "first thread"

func init() {
	if os.Getenv(childEnv) == firstThread {
		runtime.LockOSThread()
	}
}

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != firstThread {
		os.Exit(m.Run())
	}
	onDoomedThread(func() { probe() })
	text, err := os.ReadFile("/proc/self/status") // that of the first thread
	if err != nil || !strings.Contains(string(text), "\nSeccomp:\t0\n") {
		os.Exit(1)
	}
	os.Exit(0)
}

func TestProbeSparesTheFirstThread(t *testing.T) {
	if status(t, "self", "Seccomp") != "0" {
		t.Skip("the tests themselves run below a seccomp filter")
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childEnv+"="+firstThread)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestProbeLeavesNothing looks at all threads until the one of the trial is
// gone.
func TestProbeLeavesNothing(t *testing.T) {
	if status(t, "self", "Seccomp") != "0" {
		t.Skip("the tests themselves run below a seccomp filter")
	}
	for range 8 {
		Probe()
	}
	deadline := time.Now().Add(10 * time.Second)
	for filtered(t) > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("%d threads keep a filter", filtered(t))
		}
	}
}

func filtered(t *testing.T) (n int) {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		if s := status(t, "self/task/"+task.Name(), "Seccomp"); s != "0" && s != "" {
			n++
		}
	}
	return n
}

// status is a line of /proc/…/status, empty if the thread is gone.
func status(t *testing.T, task, key string) string {
	t.Helper()
	text, _ := os.ReadFile("/proc/" + task + "/status")
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, key+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func kernelAtLeast(t *testing.T, major, minor int) bool {
	t.Helper()
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		t.Fatal(err)
	}
	var haveMajor, haveMinor int
	if _, err := fmt.Sscanf(unix.ByteSliceToString(u.Release[:]), "%d.%d", &haveMajor, &haveMinor); err != nil {
		t.Fatal(err)
	}
	return haveMajor > major || haveMajor == major && haveMinor >= minor
}
