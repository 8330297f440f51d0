package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// cost is what --stats --json tells.
type cost struct {
	Trace  struct{ Calls, Exits, Events, Signals, Groups uint64 }
	Notify uint64
	Calls  map[string]int
	Tasks  int
}

// costOf runs argv with flags and tells what it cost.
func costOf(t *testing.T, flags []string, argv ...string) (c cost) {
	t.Helper()
	p := newPlace(t, callers()[0])
	file := filepath.Join(p.dir, "home/stats")
	full := append([]string{veduta, "run", "--stats", "--json", "-o", file}, flags...)
	if o := p.run(t, nil, append(append(full, "--"), argv...)...); o.status != 0 {
		t.Fatalf("status %d\n%s", o.status, o.output)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &c); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return c
}

// TestEconomyEmpty: nothing bound, nothing trapped beyond the lifecycle.
func TestEconomyEmpty(t *testing.T) {
	t.Parallel()
	c := costOf(t, nil, "/bin/sh", "-c", "ls -l / >/dev/null; id >/dev/null; hostname >/dev/null; (cd /; pwd) >/dev/null")
	if c.Trace.Calls+c.Trace.Exits+c.Notify != 0 || len(c.Calls) != 0 {
		t.Errorf("a view that names nothing stops guests at calls: %+v", c)
	}
	if c.Tasks < 4 || c.Trace.Events == 0 {
		t.Errorf("the figures cannot be right: %+v", c)
	}
}

// TestEconomyTrue bounds what the smallest program costs: the search for its
// library, a few questions, one stop each.
func TestEconomyTrue(t *testing.T) {
	const bound = 8
	for _, engine := range []string{"trace", "notify"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c := costOf(t, []string{"-0", "--cow", "--hostname", "lab", "--engine", engine}, "/bin/true")
			if n := c.Trace.Calls + c.Trace.Exits + c.Notify; n == 0 || n > bound {
				t.Errorf("true takes %d stops; want 1 to %d: %+v", n, bound, c)
			}
			if engine == "notify" && c.Notify == 0 {
				t.Errorf("--engine notify never used notifications: %+v", c)
			}
			if engine == "trace" && c.Notify != 0 {
				t.Errorf("--engine trace used notifications: %+v", c)
			}
		})
	}
}

// TestEconomyPass: reads and writes of open descriptors are never trapped.
func TestEconomyPass(t *testing.T) {
	few := func(count string) uint64 {
		c := costOf(t, []string{"-0", "--cow"}, "/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count="+count)
		return c.Trace.Calls + c.Trace.Exits + c.Notify
	}
	if a, b := few("10"), few("10000"); a != b {
		t.Errorf("10 reads cost %d stops, 10000 cost %d", a, b)
	}
}
