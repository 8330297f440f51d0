// Command tally reads the output of `go test -json` and tells a person what
// happened: a line a package, what failing tests wrote, why tests were skipped,
// and at the end the counts, alone on a line:
//
//	N passed, N failed, N skipped
//
// Tests that only hold subtests are not counted. A package that fails without
// a failing test (it does not build, it timed out) counts as one failure.
// The exit status is 1 if anything failed, or if nothing was run.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	var steps stringList
	flag.Var(&steps, "failed", "count a `STEP` that has failed elsewhere; may be repeated")
	flag.Parse()
	t := newTally(os.Stdout)
	if err := t.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(1)
	}
	for _, s := range steps {
		t.failedStep(s)
	}
	if !t.close() {
		os.Exit(1)
	}
}

// stringList is a flag that may be repeated.
type stringList []string

func (l *stringList) String() string { return fmt.Sprint(*l) }

// Set implements flag.Value.
func (l *stringList) Set(s string) error {
	*l = append(*l, s)
	return nil
}
