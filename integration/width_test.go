package integration

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// width runs the program width in a view (engine "": natively) and tells its
// nanoseconds for a call, and the monitor's resident bytes at the end.
func width(b *testing.B, p *place, engine string, idle, busy, calls int) (ns, rss float64) {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	argv := []string{base + "/bin/width", strconv.Itoa(idle), strconv.Itoa(busy), strconv.Itoa(calls)}
	if engine != "" {
		argv = append([]string{veduta, "run", "--engine", engine, "--cow", "-0", "--"}, argv...)
	}
	cmd := p.command(ctx, argv...)
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	ns, _ = strconv.ParseFloat(strings.TrimSpace(line), 64)
	rss = resident(cmd)
	in.Close()
	if err := cmd.Wait(); err != nil {
		b.Error(err)
	}
	return ns, rss
}

// resident is the anonymous memory of a process that is in RAM, in bytes.
func resident(cmd *exec.Cmd) float64 {
	status, _ := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/status")
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	kb, _ := strconv.ParseFloat(strings.Fields(rest + " 0")[0], 64)
	return kb * 1024
}

// BenchmarkIdleTasks: what a guest that does nothing costs the monitor, in bytes,
// and the others, in a call's time.
func BenchmarkIdleTasks(b *testing.B) {
	for _, engine := range []string{"trace", "notify"} {
		for _, n := range []int{1000, 10000} {
			b.Run(fmt.Sprintf("%s/%d", engine, n), func(b *testing.B) {
				if n > 1000 && os.Getenv("VEDUTA_TEST_WIDTH") == "" {
					b.Skip("left out without VEDUTA_TEST_WIDTH")
				}
				p := newPlace(b, callers()[0])
				for b.Loop() {
					few, before := width(b, p, engine, 0, 1, 20000)
					ns, after := width(b, p, engine, n, 1, 20000)
					b.ReportMetric((after-before)/float64(n), "bytes/task")
					b.ReportMetric(few, "ns/call-alone")
					b.ReportMetric(ns, "ns/call")
				}
			})
		}
	}
}

// BenchmarkBusyTasks: many guests that all make calls, over as many natively.
func BenchmarkBusyTasks(b *testing.B) {
	for _, engine := range []string{"", "trace", "notify"} {
		for _, n := range []int{1, 2, 4, 16} {
			b.Run(fmt.Sprintf("%s/%d", engine, n), func(b *testing.B) {
				p := newPlace(b, callers()[0])
				for b.Loop() {
					ns, _ := width(b, p, engine, 0, n, 40000/n)
					b.ReportMetric(ns, "ns/call")
				}
			})
		}
	}
}
