package main

import (
	"errors"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

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
	case "mounts":
		list, err := r.monitor.Mounts()
		return answer(list, err)
	case "mount", "umount":
		return answer(nil, r.change(&q))
	}
	return control.Answer{Error: "it does not know how to " + q.Ask}
}

func answer(list []control.Mounted, err error) control.Answer {
	if err != nil {
		return control.Answer{Error: err.Error()}
	}
	return control.Answer{Mounts: list}
}

// change mounts in the view, or takes away. Guests have mount(2) for it, which
// asks for their capability in the view.
func (r *running) change(q *control.Question) error {
	m := q.Mount
	switch {
	case m == nil || !strings.HasPrefix(m.Target, "/"):
		return errors.New("want a path from the view's root")
	case r.monitor.Has(q.Peer):
		return errors.New("a guest mounts by mount(2)")
	case q.Ask == "umount":
		switch err := r.monitor.UnmountAt(m.Target, m.Lazy); err {
		case unix.EINVAL:
			return errors.New("nothing is mounted there")
		case unix.EBUSY:
			return errors.New("it is in use; with -l who uses it keeps it, and nobody else sees it")
		default:
			return err
		}
	}
	s := mountSpec{kind: m.Type, source: m.Source, target: m.Target, readOnly: m.ReadOnly, flags: m.Flags, options: m.Options}
	if err := s.settle(); err != nil {
		return err
	}
	list, err := r.mounts.build(&s)
	if err != nil {
		return err
	}
	if err = r.monitor.Mount(s.target, list); err != nil && list[0].Close != nil {
		list[0].Close()
	}
	return err
}
