package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/veduta/veduta/session/review"
)

// finish is what happens to a session after its command.
func (r *running) finish(status int) (int, error) {
	what := r.flags.atEnd(r.try)
	if what == "discard" {
		return r.drop(status)
	}
	changes, err := review.Changes(r.session)
	if err != nil {
		return exitVeduta, fmt.Errorf("%w; session %s is kept", err, r.session.Name())
	}
	if r.try && r.made && nothing(changes) && r.flags.session == "" {
		say("nothing changed")
		return r.drop(status)
	}
	if r.try {
		r.summary(changes)
	}
	switch {
	case what == "commit":
		if err := r.commit(); err != nil {
			return exitVeduta, fmt.Errorf("%w; session %s is kept", conflicted(err), r.session.Name())
		}
	case what == "ask" && canAsk() && r.ours():
		return r.question(status)
	case r.try:
		r.howToGoOn()
	}
	return status, nil
}

// atEnd is what the flags say about the end. What a copy-on-write run without a
// name wrote is thrown away: whoever calls it in a loop would fill the disk.
func (f *viewFlags) atEnd(try bool) string {
	switch {
	case f.remove:
		return "discard"
	case f.onExit != "":
		return f.onExit
	case try:
		return "ask"
	case f.session != "":
		return "keep"
	}
	return "discard"
}

// nothing tells whether there is nothing worth a session: at most directories
// that were written to and are as they were.
func nothing(changes []*review.Change) bool {
	for _, c := range changes {
		if !c.TimesOnly() || c.Type != "dir" {
			return false
		}
	}
	return true
}

// question asks until the session is dealt with. Whatever else happens (the
// terminal goes, Ctrl-C), the session is kept.
func (r *running) question(status int) (int, error) {
	p := newPrompt()
	for {
		stop := onInterrupt(func() {
			fmt.Fprintln(os.Stderr)
			r.howToGoOn()
		})
		answer := p.ask("[c]ommit, [k]eep, [d]iscard, [s]how the diff? (keep) ", "ckds", "k")
		stop()
		switch answer {
		case "c":
			err := r.commit()
			if err == nil {
				return status, nil
			}
			say("%s", oneLine(conflicted(err)))
		case "d":
			return r.drop(status)
		case "s":
			if changes, err := review.Changes(r.session); err == nil {
				review.WriteText(os.Stderr, review.Visible(changes), r.flags.colored(os.Stderr))
			}
		default:
			r.howToGoOn()
			return status, nil
		}
	}
}

func (r *running) commit() error {
	res, err := commit(r.session, nil, review.Options{})
	if err == nil {
		sayCommitted(r.session.Name(), res)
	}
	return err
}

// drop removes the session.
func (r *running) drop(status int) (int, error) {
	name := r.session.Name()
	r.session.Close()
	if err := r.store.Remove(name); err != nil {
		return exitVeduta, err
	}
	return status, nil
}

func (r *running) howToGoOn() {
	n := r.session.Name()
	say("kept as %s: veduta diff %s, commit %s, discard %s, run --session %s", n, n, n, n, n)
}

// summaryLines is how much of a summary a screen bears.
const summaryLines = 30

// summary shows what changed, folded. Of a long list the middle of the page is
// left out, but no deletion.
func (r *running) summary(changes []*review.Change) {
	visible := review.Visible(changes)
	var plain, shown bytes.Buffer
	review.WriteStatus(&plain, visible, false)
	review.WriteStatus(&shown, visible, r.flags.colored(os.Stderr))
	look := strings.Split(plain.String(), "\n")
	left := 0
	for i, line := range strings.Split(strings.TrimSuffix(shown.String(), "\n"), "\n") {
		switch {
		case i == 0:
			say("%s: %s", r.session.Name(), line)
		case i > summaryLines && !strings.HasPrefix(look[i], "  D"):
			left++
		default:
			fmt.Fprintln(os.Stderr, line)
		}
	}
	if left > 0 {
		fmt.Fprintf(os.Stderr, "  …  and %d lines more: veduta status %s\n", left, r.session.Name())
	}
	if n := len(changes) - len(visible); n > 0 {
		fmt.Fprintf(os.Stderr, "  and the times of %d more: veduta diff --times\n", n)
	}
}
