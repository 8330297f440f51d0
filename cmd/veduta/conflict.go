package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/veduta/veduta/session/review"
)

// conflicted makes of an error about many paths one line, after the list of
// them.
func conflicted(err error) error {
	var c *review.ConflictError
	if !errors.As(err, &c) || len(c.Conflicts) < 2 {
		return err
	}
	for _, x := range c.Conflicts {
		fmt.Fprintf(os.Stderr, "  %s (%s)\n", printable(string(x.Path)), x.Why)
	}
	return fmt.Errorf("%s: these %d paths changed outside the session; look at them, or --force", c.Doing, len(c.Conflicts))
}
