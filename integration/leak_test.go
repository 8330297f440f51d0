package integration

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// manyProcesses come and go between two looks at the
// monitor; VEDUTA_PROCESSES is another count.
const manyProcesses = 1000

// holdings are what a monitor holds on to.
type holdings struct {
	descriptors, threads, zombies int
	kilobytes                     int // resident
}

func holdingsOf(t *testing.T, pid int) (h holdings) {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d", pid)
	fds, err := os.ReadDir(dir + "/fd") // of a process that is not dumpable: root's only
	if err != nil && os.Getuid() == 0 {
		t.Fatal(err)
	}
	h.descriptors = len(fds)
	status, err := os.ReadFile(dir + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		n, _, _ := strings.Cut(strings.TrimSpace(value), " ")
		switch name {
		case "Threads":
			h.threads, _ = strconv.Atoi(n)
		case "VmRSS":
			h.kilobytes, _ = strconv.Atoi(n)
		}
	}
	h.zombies = zombiesOf(pid)
	return h
}

// zombiesOf counts the dead among the children of pid and of those.
func zombiesOf(pid int) (n int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	parents, dead := map[int]int{}, []int{}
	for _, f := range stats {
		b, err := os.ReadFile(f)
		_, after, ok := bytes.Cut(b, []byte(") "))
		if err != nil || !ok {
			continue
		}
		var state string
		var ppid int
		fmt.Sscan(string(after), &state, &ppid)
		id, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		parents[id] = ppid
		if state == "Z" {
			dead = append(dead, id)
		}
	}
	for _, id := range dead {
		if p := parents[id]; p == pid || parents[p] == pid {
			n++
		}
	}
	return n
}

// TestNothingStays: whatever number of processes has come and gone, the monitor
// holds no more than before.
func TestNothingStays(t *testing.T) {
	count := manyProcesses
	if v := os.Getenv("VEDUTA_PROCESSES"); v != "" {
		count, _ = strconv.Atoi(v)
	}
	for _, engine := range []string{"trace", "notify"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, callers()[0])
			ctx, cancel := context.WithTimeout(context.Background(), patience+time.Duration(count)*10*time.Millisecond)
			defer cancel()
			cmd := p.command(ctx, veduta, "run", "-0", "--cow", "--hostname", "lab", "--engine", engine, "--",
				"swarm", "p", "0", "400", strconv.Itoa(count))
			in, _ := cmd.StdinPipe()
			out, _ := cmd.StdoutPipe()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			r := bufio.NewReader(out)
			expect := func(n int) {
				if l, _ := r.ReadString('\n'); !strings.HasPrefix(l, strconv.Itoa(n)+" processes") {
					t.Fatalf("swarm says %q", l)
				}
			}
			expect(400)
			before := holdingsOf(t, cmd.Process.Pid)
			fmt.Fprintln(in)
			expect(count)
			after := holdingsOf(t, cmd.Process.Pid)
			cmd.Wait()
			t.Logf("%+v, after %d processes %+v", before, count, after)
			// What the monitor remembers of directories may be some
			// descriptors; the heap grows by garbage before it is collected.
			if after.descriptors > before.descriptors+16 || after.threads > before.threads+8 ||
				after.zombies != 0 || after.kilobytes > before.kilobytes+8192+count/4 {
				t.Errorf("the monitor held %+v, after %d processes %+v", before, count, after)
			}
		})
	}
}
