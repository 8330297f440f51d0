package main

import (
	"os"
	"time"

	"github.com/veduta/veduta/monitor/control"
	"github.com/veduta/veduta/session"
)

// serveControl makes the view answer veduta ps. A view without a place for its
// socket runs all the same, and says so only to those who ask.
func (r *running) serveControl(argv []string) (stop func()) {
	dir, err := session.RuntimeDir(true)
	if err != nil {
		return func() {}
	}
	view := control.View{Started: time.Now().UTC(), Command: argv}
	if r.session != nil {
		view.Session = r.session.Name()
	}
	s, err := control.Serve(dir, func(q control.Question) control.Answer {
		return r.answer(q, view)
	})
	if err != nil {
		return func() {}
	}
	return func() { s.Close() }
}

// answer answers one question about the view.
func (r *running) answer(q control.Question, view control.View) control.Answer {
	switch q.Ask {
	case "ps":
		view.Monitor, view.Guests = os.Getpid(), r.monitor.Guests()
		return control.Answer{View: &view}
	}
	return control.Answer{Error: "it does not know how to " + q.Ask}
}
