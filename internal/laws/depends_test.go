package laws

import (
	"os"
	"strings"
	"testing"
)

// required are the modules that go.mod requires directly.
func required(gomod string) (list []string) {
	for line := range strings.Lines(gomod) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) == 2 && strings.HasPrefix(fields[1], "v") && strings.Contains(fields[0], ".") {
			list = append(list, fields[0])
		}
	}
	return list
}

// A dependency needs a line in RATIONALE.md: what it saves, who keeps it, its
// licence, its size.
func TestDependenciesAreExplained(t *testing.T) {
	gomod, err := os.ReadFile(root + "/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	rationale, err := os.ReadFile(root + "/RATIONALE.md")
	if err != nil {
		t.Fatal(err)
	}
	list := required(string(gomod))
	if len(list) == 0 {
		t.Fatal("go.mod requires nothing")
	}
	for _, m := range list {
		if !strings.Contains(string(rationale), m) {
			t.Errorf("RATIONALE.md has no line about %s", m)
		}
	}
}

func TestRequired(t *testing.T) {
	got := required("module a.b/c\n\ngo 1.26\n\nrequire x.y/z v1.0.0\n\nrequire (\n\tp.q/r v0.1.0\n\ts.t/u v0.2.0 // indirect\n)\n")
	if strings.Join(got, " ") != "x.y/z p.q/r" {
		t.Errorf("got %q", got)
	}
}
