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
	s, err := t.open(false)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	changes, err := t.changes(s, d.times)
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
