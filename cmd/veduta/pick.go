package main

import (
	"fmt"
	"strings"

	"github.com/veduta/veduta/session/review"
)

// pick asks for each change, and returns patterns for those that were wanted. A
// directory is asked for with all that is in it: what is in a new or deleted one
// cannot go another way, and what is in one that has only changed is asked for
// when the whole is not wanted.
func pick(p *prompt, changes []*review.Change) (chosen []string) {
	under := "" // what is below is decided
	all := false
	for _, c := range changes {
		path := string(c.Path)
		if under != "" && below(path, under) {
			continue
		}
		under = ""
		answer := "y"
		if !all {
			answer = p.ask(fmt.Sprintf("commit %s %s%s [y]es [n]o [a]ll [q]uit? ", c.Kind, printable(path), inIt(c, changes)), "ynaq", "n")
		}
		switch answer {
		case "q":
			return chosen
		case "a":
			all = true
		case "n":
			if c.Type == "dir" && c.Kind != review.Modified {
				under = path
			}
			continue
		}
		chosen = append(chosen, escapeGlob(path))
		under = path
	}
	return chosen
}

// inIt tells how many changes go with that of a directory.
func inIt(c *review.Change, changes []*review.Change) string {
	n := 0
	for _, x := range changes {
		if x != c && below(string(x.Path), string(c.Path)) {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d below", n)
}

func below(path, dir string) bool {
	return strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}

// escapeGlob makes a pattern that means this very path.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
