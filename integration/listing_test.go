package integration

import (
	"io"
	"os/exec"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

// TestListing: the system looks the same in every view.
func TestListing(t *testing.T) {
	roots := "/etc /usr/bin /usr/lib /usr/share/doc"
	if testing.Short() {
		roots = "/etc"
	}
	find := []string{"sh", "-c", `find ` + roots + ` -xdev -printf '%p %y %i %n %s %T@ %l\n' 2>/dev/null | sort`}
	for _, c := range callers() {
		native := newPlace(t, c).run(t, nil, find...)
		if len(native.output) < 1000 {
			t.Fatalf("find lists next to nothing:\n%s", native.output)
		}
		for i := range views {
			v := &views[i]
			for _, engine := range v.engines() {
				t.Run(c.name+"/"+v.name+"/"+engine, func(t *testing.T) {
					got := newPlace(t, c).run(t, func(cmd *exec.Cmd) { cmd.Stderr = io.Discard }, v.command(engine, find...)...)
					if d := diff.Diff("native", []byte(native.output), "view", []byte(got.output)); d != nil {
						t.Errorf("%.4000s", d)
					}
				})
			}
		}
	}
}
