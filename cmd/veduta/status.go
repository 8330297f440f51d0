package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/session/review"
)

type statusing struct{ output }

func statusCommand() (*pflag.FlagSet, action) {
	s, f := &statusing{}, newFlags("status")
	s.addTo(f)
	return f, s.run
}

// report is what status tells, as --json writes it.
type report struct {
	session.Info
	// Commit is how far the last one got: empty, staging, applying or done.
	Commit    review.Phase      `json:"commit"`
	Counts    counts            `json:"counts"`
	Conflicts []review.Conflict `json:"conflicts"`
	changes   []*review.Change
}

type counts struct {
	Added    int   `json:"added"`
	Modified int   `json:"modified"`
	Deleted  int   `json:"deleted"`
	Retyped  int   `json:"retyped"`
	Renamed  int   `json:"renamed"`
	Bytes    int64 `json:"bytes"`
}

func (s *statusing) run(args []string) (int, error) {
	t, err := openTarget(args)
	if err != nil {
		return 0, err
	}
	r, err := t.report()
	switch {
	case err != nil:
		return 0, err
	case s.json:
		return 0, writeJSON(os.Stdout, r)
	case s.nul:
		return 0, review.WriteNUL(os.Stdout, r.changes)
	}
	r.write(os.Stdout)
	return 0, review.WriteStatus(os.Stdout, r.changes, s.colored(os.Stdout))
}

func (t *target) report() (*report, error) {
	s, err := t.open(false)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	r := &report{}
	list, err := t.store.List()
	if err != nil {
		return nil, err
	}
	for _, in := range list {
		if in.Name == t.name {
			r.Info = in
		}
	}
	if r.Commit, err = review.Pending(s); err != nil {
		return nil, err
	}
	chosen, err := t.changes(s, false)
	if err != nil {
		return nil, err
	}
	r.changes, r.Counts = chosen, counts(review.Summarize(chosen))
	r.Conflicts, err = review.Conflicts(s, chosen)
	if r.Conflicts == nil {
		r.Conflicts = []review.Conflict{}
	}
	return r, err
}

// write writes what concerns the session as a whole.
func (r *report) write(w io.Writer) {
	fmt.Fprintf(w, "session %s, %s: %s\n", r.Name, stateText(&r.Info), strings.Join(r.Command, " "))
	switch r.Commit {
	case review.Staging, review.Applying:
		fmt.Fprintln(w, "a commit was interrupted: veduta commit --resume finishes it, veduta undo takes it back")
	case review.Done:
		fmt.Fprintln(w, "committed before; veduta undo takes that back")
	}
	for _, c := range r.Conflicts {
		fmt.Fprintf(w, "conflict: %s (%s)\n", printable(string(c.Path)), c.Why)
	}
}

// stateText tells how a session stands: running (pid 7), ended 2h ago (status 1).
func stateText(in *session.Info) string {
	text := string(in.State)
	if in.Holder != 0 {
		return fmt.Sprintf("%s (pid %d)", text, in.Holder)
	}
	if in.Ended.IsZero() {
		return text
	}
	text += " " + ago(time.Since(in.Ended))
	if in.ExitStatus != 0 {
		text += fmt.Sprintf(" (status %d)", in.ExitStatus)
	}
	return text
}
