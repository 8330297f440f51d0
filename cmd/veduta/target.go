package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/session/review"
)

// target is the session that a command is about, and the paths in it.
type target struct {
	store   *session.Store
	name    string
	paths   []string
	implied bool // it is the latest, as none was named
}

// openTarget finds the session that the arguments mean.
func openTarget(args []string) (*target, error) {
	store, err := session.Open()
	if err != nil {
		return nil, err
	}
	list, err := store.List()
	if err != nil {
		return nil, err
	}
	t := chooseTarget(list, args)
	t.store = store
	if t.implied {
		if t.name, err = store.Latest(); errors.Is(err, session.ErrNone) {
			return nil, errors.New("there is no session; veduta try makes one")
		}
	}
	return t, err
}

// chooseTarget takes the first argument as a session if there is one of that
// name, and else as a path: of two readings the one that exists. A path of the
// same name is written ./NAME.
func chooseTarget(list []session.Info, args []string) *target {
	if len(args) > 0 {
		for _, in := range list {
			if in.Name == args[0] {
				return &target{name: in.Name, paths: args[1:]}
			}
		}
	}
	return &target{paths: args, implied: true}
}

// open opens the session; with lock it is ours alone.
func (t *target) open(lock bool) (*session.Session, error) {
	return t.store.OpenSession(t.name, lock)
}

// changes are those of its session that the target names, without those of
// times alone unless asked for.
func (t *target) changes(s *session.Session, times bool) ([]*review.Change, error) {
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

// explain adds to an error about paths that the first of them may have been
// meant as a session.
func (t *target) explain(err error) error {
	if err == nil || !t.implied || len(t.paths) == 0 || strings.ContainsAny(t.paths[0], "/*?[") {
		return err
	}
	return fmt.Errorf("no session is called %s, and as a path in %s: %w", t.paths[0], t.name, err)
}
