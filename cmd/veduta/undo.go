package main

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/veduta/veduta/session/review"
)

func undoCommand() (*pflag.FlagSet, action) {
	f := newFlags("undo")
	force := f.Bool("force", false, "also what was changed since the commit, which is lost then")
	return f, func(args []string) (int, error) { return 0, undo(args, *force) }
}

func undo(args []string, force bool) error {
	t, err := openTarget(args)
	if err != nil {
		return err
	}
	if len(t.paths) > 0 {
		if t.implied {
			return fmt.Errorf("session %s: there is none of that name; veduta ls lists them", t.paths[0])
		}
		return errors.New("undo takes back a whole commit; it takes no paths")
	}
	s, err := t.open(true)
	if err != nil {
		return err
	}
	defer s.Close()
	defer onInterrupt(halfDone(t.name))()
	p := newProgress("undo")
	err = review.Undo(s, review.Options{Force: force, Progress: p.step})
	p.end()
	if err == nil {
		say("%s: the commit is taken back; the changes are in the session again", t.name)
	}
	return conflicted(err)
}
