package integration

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// marker is an environment entry that tells the guests of one test from all
// else that runs.
func marker(p *place) string { return "VEDUTA_TEST_PLACE=" + p.dir }

// guests are the processes that carry the marker, but for zombies.
func guests(p *place) (pids []int) {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	want := append([]byte(marker(p)), 0)
	for _, d := range dirs {
		env, err := os.ReadFile(d + "/environ")
		if err != nil || !bytes.Contains(env, want) {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(d))
		pids = append(pids, pid)
	}
	return pids
}

// until waits for a condition.
func until(t testing.TB, what string, f func() bool) bool {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if f() {
			return true
		}
	}
	t.Errorf("not within %v: %s", patience, what)
	return false
}
