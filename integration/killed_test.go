package integration

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// kills is how often a build's monitor is killed: VEDUTA_TEST_KILLS times.
func kills(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("VEDUTA_TEST_KILLS"))
	if err != nil {
		return 4
	}
	return n
}

// TestKilledBuild kills the monitor of a build at any moment: no guest goes on,
// the real files are as they were, and the session goes on where it was.
func TestKilledBuild(t *testing.T) {
	for _, engine := range []string{"trace", "notify"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, userCaller())
			p.env = append(p.env, marker(p))
			p.must(t, "cp", "-r", sourceDir(t, "testdata/tinyproject"), "tiny")
			before := p.must(t, "sh", "-c", "cd tiny; ls -lR --full-time; cat *")
			build := []string{veduta, "run", "--engine", engine, "--cow", "-0", "--session", "it", "--", "sh", "-c"}
			whole := time.Now()
			p.must(t, append(build, "make -C tiny -Bj2 >log 2>&1")...)
			length := time.Since(whole)
			for range kills(t) {
				killBuild(t, p, append(build, "exec make -C tiny -Bj2 >log 2>&1"), length)
				p.must(t, veduta, "status", "it")
				if now := p.must(t, "sh", "-c", "cd tiny; ls -lR --full-time; cat *"); now != before {
					t.Fatalf("the real files were\n%s\nand are\n%s", before, now)
				}
			}
			out := p.must(t, append(build, "make -C tiny -Bj2 >log 2>&1 || cat log; ls tiny")...)
			if strings.Contains(out, "rror") {
				t.Errorf("the last build: %s", out)
			}
			p.must(t, veduta, "diff", "it")
			p.must(t, veduta, "discard", "it")
		})
	}
}

// killBuild runs a command and kills its monitor within the time that it would
// take.
func killBuild(t *testing.T, p *place, argv []string, within time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), rand.N(within))
	defer cancel()
	p.command(ctx, argv...).Run() // killed when the time is over
	until(t, "all guests are gone", func() bool { return len(guests(p)) == 0 })
}
