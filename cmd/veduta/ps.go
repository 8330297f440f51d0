package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/veduta/veduta/monitor/control"
	"github.com/veduta/veduta/session"
)

func psCommand() (*pflag.FlagSet, action) {
	o, f := &output{}, newFlags("ps")
	o.addTo(f)
	return f, func(args []string) (int, error) {
		if err := none(args); err != nil {
			return 0, err
		}
		views, err := runningViews()
		if err != nil {
			return 0, err
		}
		return 0, o.writeViews(os.Stdout, views)
	}
}

// runningViews asks every monitor of the user.
func runningViews() ([]control.View, error) {
	dir, err := session.RuntimeDir(false)
	if err != nil {
		return nil, err
	}
	pids, err := control.Monitors(dir)
	if err != nil {
		return nil, fmt.Errorf("control sockets: %w", err)
	}
	views := []control.View{}
	for _, pid := range pids {
		a, err := control.Ask(dir, pid, control.Question{Ask: "ps"})
		switch {
		case err == nil && a.View != nil:
			views = append(views, *a.View)
		case err != nil && !errors.Is(err, control.ErrGone):
			say("the view of process %d: %v", pid, err)
		}
	}
	return views, nil
}

func (o *output) writeViews(w *os.File, views []control.View) error {
	switch {
	case o.json:
		return writeJSON(w, views)
	case o.nul:
		for _, v := range views {
			for _, g := range v.Guests {
				fmt.Fprintf(w, "%d\x00", g.PID)
			}
		}
		return nil
	case len(views) == 0:
		say("no view is running")
		return nil
	}
	return writeGuests(w, views, o.colored(w))
}

func writeGuests(w io.Writer, views []control.View, colour bool) error {
	t := newTable(w, colour, "VIEW", "PID", "USER", "STATE", "COMMAND")
	for i := range views {
		v := &views[i]
		for j := range v.Guests {
			g := &v.Guests[j]
			fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\n", viewName(v), g.PID, userName(g.UID), guestState(g),
				shorten(printable(strings.Join(g.Command, " ")), 60))
		}
	}
	return t.Flush()
}

// viewName is the session's name, or the monitor's process id where there is
// none.
func viewName(v *control.View) string {
	if v.Session != "" {
		return v.Session
	}
	return strconv.Itoa(v.Monitor)
}

func userName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}

// guestState tells what a guest does: the kernel's word, or the call that the
// monitor has of it.
func guestState(g *control.Guest) string {
	h := g.Held
	if h == nil {
		return g.State
	}
	s := "in " + h.Call
	if h.Stuck {
		s = "stuck in " + h.Call
	}
	if h.Seconds >= 1 {
		s += " for " + time.Duration(h.Seconds*float64(time.Second)).Round(time.Second).String()
	}
	if h.Why != "" {
		s += ": " + h.Why
	}
	return s
}
