package main

import (
	"os"

	"github.com/spf13/pflag"

	"github.com/veduta/veduta/session/review"
)

type diffing struct {
	output
	times, exitCode bool
}

func diffCommand() (*pflag.FlagSet, action) {
	d, f := &diffing{}, newFlags("diff")
	d.addTo(f)
	f.BoolVar(&d.times, "times", false, "also files whose times alone differ")
	f.BoolVar(&d.exitCode, "exit-code", false, "status 1 if there are changes")
	return f, d.run
}

func (d *diffing) run(args []string) (int, error) {
	t, err := openTarget(args)
	if err != nil {
		return 0, err
	}
	changes, err := t.changes(d.times)
	if err != nil {
		return 0, err
	}
	status := 0
	if d.exitCode && len(changes) > 0 {
		status = 1
	}
	return status, d.write(os.Stdout, changes)
}

func (d *diffing) write(w *os.File, changes []*review.Change) error {
	switch {
	case d.json:
		return review.WriteJSON(w, changes)
	case d.nul:
		return review.WriteNUL(w, changes)
	}
	return review.WriteText(w, changes, d.colored(w))
}

// changes are those that the target names, without those of times alone unless
// asked for.
func (t *target) changes(times bool) ([]*review.Change, error) {
	s, err := t.open(false)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	all, err := review.Changes(s)
	if err != nil {
		return nil, err
	}
	if !times {
		all = review.Visible(all)
	}
	chosen, err := review.Select(all, t.paths)
	return chosen, t.explain(err)
}
