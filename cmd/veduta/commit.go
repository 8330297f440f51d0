package main

import (
	"errors"
	"os"

	"github.com/spf13/pflag"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/session/review"
)

type committing struct {
	force, noOwner, resume, interactive, json bool
}

func commitCommand() (*pflag.FlagSet, action) {
	c, f := &committing{}, newFlags("commit")
	f.BoolVarP(&c.interactive, "interactive", "i", false, "ask for each change")
	f.BoolVar(&c.force, "force", false, "also over what changed outside the session")
	f.BoolVar(&c.noOwner, "no-owner", false, "what can't get its owner is left to you")
	f.BoolVar(&c.resume, "resume", false, "finish a commit that was interrupted")
	f.BoolVar(&c.json, "json", false, "write what was done as JSON")
	return f, c.run
}

func (c *committing) run(args []string) (int, error) {
	t, err := openTarget(args)
	if err != nil {
		return 0, err
	}
	s, err := t.open(true)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	if c.resume {
		return 0, c.goOn(s, t)
	}
	paths, err := c.paths(s, t)
	if err != nil || c.interactive && len(paths) == 0 {
		return 0, err
	}
	res, err := commit(s, paths, c.options())
	if err != nil {
		return 0, conflicted(t.explain(err))
	}
	return 0, c.tell(t.name, res)
}

func (c *committing) options() review.Options {
	return review.Options{Force: c.force, NoOwner: c.noOwner}
}

// commit commits, and shows how far it is.
func commit(s *session.Session, paths []string, o review.Options) (*review.Result, error) {
	defer onInterrupt(halfDone(s.Name()))()
	p := newProgress("commit")
	defer p.end()
	o.Progress = p.step
	return review.Commit(s, paths, o)
}

// goOn finishes a commit that was interrupted.
func (c *committing) goOn(s *session.Session, t *target) error {
	if len(t.paths) > 0 {
		return errors.New("commit --resume: it takes no paths; those of the interrupted commit count")
	}
	defer onInterrupt(halfDone(t.name))()
	p := newProgress("commit")
	o := c.options()
	o.Progress = p.step
	err := review.Resume(s, o)
	p.end()
	if err == nil {
		say("%s: the commit is whole now; veduta undo takes it back", t.name)
	}
	return conflicted(err)
}

// paths are those to commit.
func (c *committing) paths(s *session.Session, t *target) ([]string, error) {
	if !c.interactive {
		return t.paths, nil
	}
	chosen, err := t.changes(s, false)
	if err != nil {
		return nil, err
	}
	return pick(newPrompt(), chosen), nil
}

func (c *committing) tell(name string, res *review.Result) error {
	if c.json {
		changes, skipped := res.Changes, res.Skipped
		return writeJSON(os.Stdout, struct {
			Session string           `json:"session"`
			Whole   bool             `json:"whole"`
			Changes []*review.Change `json:"changes"`
			Skipped []*review.Change `json:"skipped"`
		}{name, res.Whole, append([]*review.Change{}, changes...), append([]*review.Change{}, skipped...)})
	}
	sayCommitted(name, res)
	return nil
}

func sayCommitted(name string, res *review.Result) {
	if len(res.Changes) == 0 {
		say("%s: there is nothing to commit", name)
		return
	}
	rest := ""
	if !res.Whole {
		rest = "; the rest stays in the session"
	}
	say("%s: committed, %s%s; veduta undo takes it back", name, review.Summarize(review.Visible(res.Changes)), rest)
	if n := len(res.Skipped); n > 0 {
		say("%s: the times of %d files are left as they are, since the files are not yours", name, n)
	}
}
