package main

import (
	"errors"
	"os"

	"github.com/spf13/pflag"
)

// command is one word of the command line. Parsing, help and completion are
// all made from it.
type command struct {
	name, args, help string
	examples         []example
	// setup makes the flags, and what to do once they are parsed.
	setup func() (*pflag.FlagSet, action)
}

type example struct{ line, says string }

// action does the work. An error is told in one line; with it a status of 0
// counts as veduta's own failure.
type action func(args []string) (status int, err error)

func lookCommand(name string) *command {
	for _, c := range commands() {
		if c.name == name {
			return &c
		}
	}
	return nil
}

func (c *command) call(args []string) int {
	flags, act := c.setup()
	err := flags.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		c.writeHelp(os.Stdout)
		return 0
	case err != nil:
		return fail("%v; see veduta %s --help", err, c.name)
	}
	status, err := act(flags.Args())
	if err != nil {
		say("%s", oneLine(err))
		if status == 0 {
			status = exitVeduta
		}
	}
	return status
}
