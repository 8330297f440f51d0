package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"
)

// usage is the first screen: examples first.
func usage(w io.Writer) {
	fmt.Fprintln(w, "veduta runs a command in a view of the system: what it does not name stays real.")
	fmt.Fprintln(w)
	writeExamples(w, []example{
		{"veduta try -0 -- apt-get install -y hello", "then commit, keep or discard"},
		{"veduta diff", "what the latest one changed"},
		{"veduta run --session NAME -- CMD", "go on in a session"},
		{"veduta run --hostname lab -b /src:/mnt -- CMD", "a name, a directory"},
	})
	fmt.Fprintln(w)
	for _, c := range commands() {
		fmt.Fprintf(w, "  %s  %s\n", pad(strings.TrimSpace(c.name+" "+c.args), 29), c.help)
	}
	fmt.Fprintln(w, "\nveduta COMMAND --help tells more.")
}

func (c *command) writeHelp(w io.Writer) {
	fmt.Fprintf(w, "usage: veduta %s\n", strings.Join(strings.Fields(c.name+" [FLAG…] "+strings.TrimPrefix(c.args, "[VIEW…] ")), " "))
	writeExamples(w, c.examples)
	flags, _ := c.setup()
	lines := flagLines(flags)
	if len(lines) > 0 {
		fmt.Fprintln(w)
	}
	width := 0
	for _, l := range lines {
		width = max(width, utf8.RuneCountInString(l.flags))
	}
	for _, l := range lines {
		fmt.Fprintf(w, "  %s  %s\n", pad(l.flags, width), l.says)
	}
}

func writeExamples(w io.Writer, list []example) {
	width := 0
	for _, e := range list {
		width = max(width, utf8.RuneCountInString(e.line))
	}
	for _, e := range list {
		fmt.Fprintf(w, "  %s  # %s\n", pad(e.line, width), e.says)
	}
}

type flagLine struct{ flags, says string }

// flagLines are the flags as they were defined; those that follow one another
// with the same words share a line, and one value if it is the same.
//
// The name of the value is what stands in backquotes, as always in pflag; what
// a tab parts from the words is the name only.
func flagLines(f *pflag.FlagSet) []flagLine {
	var lines []flagLine
	value := ""
	f.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		v, says := flagWords(f)
		before := value
		value = valueText(f, v)
		text := "--" + f.Name
		if f.Shorthand != "" {
			text = "-" + f.Shorthand + ", " + text
		}
		if n := len(lines); n > 0 && lines[n-1].says == says {
			if value == before {
				lines[n-1].flags = strings.TrimSuffix(lines[n-1].flags, value)
			}
			lines[n-1].flags += ", " + text
		} else {
			lines = append(lines, flagLine{text, says})
		}
		lines[len(lines)-1].flags += value
	})
	return lines
}

func flagWords(f *pflag.Flag) (value, says string) {
	value, says = pflag.UnquoteUsage(f)
	return value, says[strings.IndexByte(says, '\t')+1:]
}

func valueText(f *pflag.Flag, name string) string {
	switch {
	case name == "":
		return ""
	case f.NoOptDefVal != "":
		return "[=" + name + "]"
	}
	return " " + name
}

// pad fills a text with spaces up to a width in characters.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}
