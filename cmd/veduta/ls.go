package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/veduta/veduta/session"
)

type listing struct {
	output
	quiet bool
}

func lsCommand() (*pflag.FlagSet, action) {
	l, f := &listing{}, newFlags("ls")
	l.addTo(f)
	f.BoolVarP(&l.quiet, "quiet", "q", false, "names only")
	return f, l.run
}

func (l *listing) run(args []string) (int, error) {
	if err := none(args); err != nil {
		return 0, err
	}
	store, err := session.Open()
	if err != nil {
		return 0, err
	}
	list, err := store.List()
	if err != nil {
		return 0, err
	}
	return 0, l.write(os.Stdout, list)
}

func (l *listing) write(w *os.File, list []session.Info) error {
	switch {
	case l.json:
		return writeJSON(w, list)
	case l.nul, l.quiet:
		end := "\n"
		if l.nul {
			end = "\x00"
		}
		for _, in := range list {
			fmt.Fprint(w, in.Name, end)
		}
		return nil
	case len(list) == 0:
		say("there is no session; veduta try makes one")
		return nil
	}
	return writeTable(w, list, l.colored(w))
}

func writeTable(w io.Writer, list []session.Info, colour bool) error {
	t := newTable(w, colour, "SESSION", "MADE", "STATE", "COMMAND")
	for i := range list {
		in := &list[i]
		made := "?"
		if !in.Created.IsZero() {
			made = ago(time.Since(in.Created))
		}
		says := shorten(printable(strings.Join(in.Command, " ")), 60)
		if in.Problem != "" {
			says = in.Problem
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", in.Name, made, stateText(in), says)
	}
	return t.Flush()
}

// none refuses arguments where a command takes none.
func none(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s: it takes no arguments", strings.Join(args, " "))
	}
	return nil
}
