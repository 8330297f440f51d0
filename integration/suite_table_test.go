package integration

import (
	"fmt"
	"slices"
	"strings"
)

// tally is what came of a suite on one ground.
type tally struct {
	suite    string
	ground   ground
	verdicts verdicts
}

func (v verdicts) count(of ...verdict) (n int) {
	for _, got := range v {
		if slices.Contains(of, got) {
			n++
		}
	}
	return n
}

func (t tally) String() string {
	v := t.verdicts
	return fmt.Sprintf("%d/%d/%d", v.count(passed), v.count(failed, lost), v.count(skipped))
}

// render is the table of suites by grounds.
func render(table []tally) string {
	var suites, grounds []string
	cells := map[string]string{}
	for _, t := range table {
		g := t.ground.String()
		if !slices.Contains(suites, t.suite) {
			suites = append(suites, t.suite)
		}
		if !slices.Contains(grounds, g) {
			grounds = append(grounds, g)
		}
		cells[t.suite+" "+g] = t.String()
	}
	slices.Sort(grounds)
	var b strings.Builder
	for _, s := range suites {
		fmt.Fprintf(&b, "%s\n", s)
		for _, g := range grounds {
			if cell := cells[s+" "+g]; cell != "" {
				fmt.Fprintf(&b, "    %-20s %s\n", g, cell)
			}
		}
	}
	return b.String()
}
