package review

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
)

// Select keeps the changes that the patterns name, in their order. A pattern is
// a path, with all that is below it, or a glob: `*`, `?` and `[…]` within a name,
// `**` for any number of names. Relative ones are taken from the working
// directory. No pattern selects all; one that selects nothing is an error.
func Select(changes []*Change, patterns []string) ([]*Change, error) {
	if len(patterns) == 0 {
		return changes, nil
	}
	chosen := map[*Change]bool{}
	for _, p := range patterns {
		abs, err := filepath.Abs(p)
		if err != nil {
			return nil, err
		}
		any := false
		for _, c := range changes {
			ok, err := matches(abs, string(c.Path))
			if err != nil {
				return nil, fmt.Errorf("pattern %s: %w", p, err)
			}
			if ok || c.Kind == Renamed && string(c.From) == abs {
				chosen[c], any = true, true
			}
		}
		if !any {
			return nil, fmt.Errorf("%s: the session changed nothing there; `veduta status` tells what it changed", p)
		}
	}
	return filter(changes, chosen), nil
}

func filter(changes []*Change, chosen map[*Change]bool) []*Change {
	var list []*Change
	for _, c := range changes {
		if chosen[c] {
			list = append(list, c)
		}
	}
	return list
}

// matches tells whether a pattern names a path or a directory above it.
func matches(pattern, p string) (bool, error) {
	if within(p, pattern) {
		return true, nil
	}
	return matchNames(strings.Split(pattern, "/"), strings.Split(p, "/"))
}

func matchNames(pattern, names []string) (bool, error) {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			for i := range len(names) + 1 {
				if ok, err := matchNames(pattern[1:], names[i:]); ok || err != nil {
					return ok, err
				}
			}
			return false, nil
		}
		if len(names) == 0 {
			_, err := path.Match(pattern[0], "")
			return false, err
		}
		ok, err := path.Match(pattern[0], names[0])
		if !ok || err != nil {
			return false, err
		}
		pattern, names = pattern[1:], names[1:]
	}
	return true, nil // what is left of names lies below
}
