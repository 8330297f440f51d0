package integration

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// stepsOfMounts is how many random operations follow one another.
const stepsOfMounts = 100

// TestRandomMounts does the same random operations with mounts and among them by
// real root in a mount namespace and by the view's root. VEDUTA_TEST_MOUNTS is
// how often, VEDUTA_TEST_SEED from which seed on.
func TestRandomMounts(t *testing.T) {
	t.Parallel()
	needNamespace(t)
	times := 4
	if given := os.Getenv("VEDUTA_TEST_MOUNTS"); given != "" {
		var err error
		if times, err = strconv.Atoi(given); err != nil {
			t.Fatal(err)
		}
	}
	program, err := filepath.Abs("testdata/mounts/bychance.py")
	if err != nil {
		t.Fatal(err)
	}
	first := firstSeed(t)
	for seed := first; seed < first+int64(times); seed++ {
		argv := []string{"python3", program, strconv.FormatInt(seed, 10), strconv.Itoa(stepsOfMounts)}
		t.Run(argv[2], func(t *testing.T) {
			t.Parallel()
			setup := map[string]string{"setup": "mkdir -p a/x/y b/x/y c/x; echo f >f"}
			want := settled(t, rootCaller, setup).run(t, nil, append([]string{"unshare", "-m"}, argv...)...)
			if want.status != 0 {
				t.Fatalf("natively: %+v", want)
			}
			for _, c := range callers() {
				for _, engine := range []string{"trace", "notify"} {
					p := settled(t, c, setup)
					got := p.run(t, nil, append([]string{veduta, "run", "-0", "--engine", engine, "--"}, argv...)...)
					if got != want {
						t.Errorf("%s, %s:\n%s", c.name, engine, firstLines(lineDiff(want.output, got.output), 20))
					}
				}
			}
		})
	}
}

func firstLines(s string, n int) string {
	lines := strings.SplitN(s, "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "\n")
}
