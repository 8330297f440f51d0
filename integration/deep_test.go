package integration

import (
	"strings"
	"testing"
)

// TestDeepSession: what lies deeper than a path may be long is listed,
// committed, taken back and discarded like anything else.
func TestDeepSession(t *testing.T) {
	for _, c := range callers() {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t, c)
			const count = `find . | wc -l; find . -name f -execdir sh -c 'stat -c "%a %s" f; readlink s' \;`
			const empty, full = "1\n", "63\n640 2\nf\n"
			p.must(t, veduta, "run", "-0", "--cow", "--session", "it", "--", "python3", "-Ic", `
import os
for i in range(60): os.mkdir('d' * 100); os.chdir('d' * 100)
open('f', 'w').write('x\n'); os.chmod('f', 0o640); os.symlink('f', 's')`)
			seen := func(want string, argv ...string) {
				t.Helper()
				if got := p.must(t, append(argv, "sh", "-c", count)...); got != want {
					t.Errorf("there is %q, want %q", got, want)
				}
			}
			seen(full, veduta, "run", "--session", "it", "--")
			seen(empty)
			if said := p.must(t, veduta, "diff", "it"); strings.Count(said, "\n") != 62 {
				t.Errorf("diff: %s", said)
			}
			p.must(t, veduta, "commit", "it")
			seen(full)
			p.must(t, veduta, "undo", "it")
			seen(empty)
			p.must(t, veduta, "discard", "it")
		})
	}
}
