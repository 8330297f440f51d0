package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// newTable begins a table; its rows are cells with tabs between them.
func newTable(w io.Writer, colour bool, columns ...string) *tabwriter.Writer {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if last := len(columns) - 1; colour {
		// In the last column, whose width does not count.
		columns[last] = "\x1b[1m" + columns[last] + "\x1b[m"
	}
	fmt.Fprintln(t, strings.Join(columns, "\t"))
	return t
}
