package main

import (
	"fmt"
	"io"

	"github.com/spf13/pflag"
)

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: veduta COMMAND")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-40s %s\n", c.usage, c.help)
	}
}

func helpFor(w io.Writer, name string, f *pflag.FlagSet) {
	fmt.Fprintf(w, "usage: veduta %s [VIEW…] [--] CMD [ARG…]\n\n%s", name, f.FlagUsages())
}
