package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/veduta/veduta/session/review"
)

type discarding struct {
	yes, force, json bool
}

func discardCommand() (*pflag.FlagSet, action) {
	d, f := &discarding{}, newFlags("discard")
	f.BoolVarP(&d.yes, "yes", "y", false, "do not ask, even if no session was named")
	f.BoolVar(&d.force, "force", false, "also a session with a half-done commit")
	f.BoolVar(&d.json, "json", false, "write what was dropped as JSON")
	return f, d.run
}

func (d *discarding) run(args []string) (int, error) {
	t, err := openTarget(args)
	if err != nil {
		return 0, err
	}
	if len(t.paths) > 0 {
		return 0, d.some(t)
	}
	return 0, d.whole(t)
}

// whole removes the session.
func (d *discarding) whole(t *target) error {
	var changes []*review.Change
	s, err := t.open(false)
	if err == nil {
		defer s.Close()
		phase, err := review.Pending(s)
		if (err != nil || phase == review.Staging || phase == review.Applying) && !d.force {
			return fmt.Errorf("session %s: a commit was interrupted; finish it (commit --resume) or take it back (undo) before, or --force", t.name)
		}
		// One that cannot be read any more can still be dropped.
		changes, _ = review.Changes(s)
	}
	summary := review.Summarize(review.Visible(changes))
	if t.implied && !d.yes && canAsk() {
		q := fmt.Sprintf("discard session %s (%s)? [y/N] ", t.name, summary)
		if newPrompt().ask(q, "yn", "n") == "n" {
			return errors.New("nothing was discarded")
		}
	}
	if err := t.store.Remove(t.name); err != nil {
		return err
	}
	return d.tell(t.name, true, changes)
}

// some drops changes, and keeps the session.
func (d *discarding) some(t *target) error {
	s, err := t.open(true)
	if err != nil {
		return err
	}
	defer s.Close()
	changes, err := review.Discard(s, t.paths)
	if err != nil {
		return t.explain(err)
	}
	return d.tell(t.name, false, changes)
}

func (d *discarding) tell(name string, whole bool, changes []*review.Change) error {
	if d.json {
		return writeJSON(os.Stdout, struct {
			Session string           `json:"session"`
			Whole   bool             `json:"whole"`
			Changes []*review.Change `json:"changes"`
		}{name, whole, append([]*review.Change{}, changes...)})
	}
	what := "dropped, "
	if whole {
		what = "discarded, "
	}
	say("%s: %s%s", name, what, review.Summarize(review.Visible(changes)))
	return nil
}
