package main

import (
	"encoding/json"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
)

// output is how a listing is written.
type output struct {
	json, nul bool
	color     string
}

func (o *output) addTo(f *pflag.FlagSet) {
	o.addForms(f)
	o.addColor(f)
}

func (o *output) addForms(f *pflag.FlagSet) {
	f.BoolVar(&o.json, "json", false, "write JSON")
	f.BoolVarP(&o.nul, "null", "z", false, "end names by NUL")
}

func (o *output) addColor(f *pflag.FlagSet) {
	choiceVar(f, &o.color, "color", "auto", "auto|always|never", "colours; auto: on a terminal without NO_COLOR")
}

// colored tells whether to colour what goes to w. NO_COLOR counts only where
// the flag leaves it open (https://no-color.org).
func (o *output) colored(w *os.File) bool {
	switch o.color {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// oneLine is the text of an error that joins others.
func oneLine(err error) string {
	return strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; ")
}

// newFlags is an empty set of flags for a command.
func newFlags(name string) *pflag.FlagSet {
	f := pflag.NewFlagSet(name, pflag.ContinueOnError)
	f.SortFlags = false
	f.Usage = func() {}
	return f
}
