package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/pflag"
)

const screenLines, screenColumns = 24, 80

func TestHelpFitsAScreen(t *testing.T) {
	var b bytes.Buffer
	usage(&b)
	fitsScreen(t, "veduta --help", b.String())
	for _, c := range commands() {
		b.Reset()
		c.writeHelp(&b)
		fitsScreen(t, c.name, b.String())
	}
}

func fitsScreen(t *testing.T, name, text string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) > screenLines {
		t.Errorf("%s: the help has %d lines", name, len(lines))
	}
	for _, l := range lines {
		if n := utf8.RuneCountInString(l); n > screenColumns {
			t.Errorf("%s: %d columns: %s", name, n, l)
		}
	}
}

func TestHelpNamesEveryFlagAndCommand(t *testing.T) {
	var first bytes.Buffer
	usage(&first)
	for _, c := range commands() {
		if !strings.Contains(first.String(), "\n  "+c.name+" ") {
			t.Errorf("--help leaves %s out", c.name)
		}
		out, _, status := veduta(t, c.name, "--help")
		if status != 0 || !strings.HasPrefix(out, "usage: veduta "+c.name) {
			t.Errorf("%s --help: status %d, %q", c.name, status, out)
		}
		c.eachFlag(func(f *pflag.Flag) {
			if !strings.Contains(out, "--"+f.Name) {
				t.Errorf("%s --help leaves --%s out", c.name, f.Name)
			}
		})
	}
}

func TestExamplesParse(t *testing.T) {
	for _, c := range commands() {
		for _, e := range c.examples {
			words := strings.Fields(strings.SplitN(e.line, "|", 2)[0])
			if words[0] != "veduta" {
				continue
			}
			x := lookCommand(words[1])
			if x == nil {
				t.Errorf("%s: no such command", e.line)
				continue
			}
			flags, _ := x.setup()
			if err := flags.Parse(words[2:]); err != nil {
				t.Errorf("%s: %v", e.line, err)
			}
		}
	}
}

func TestFlagsWithTheSameWordsShareALine(t *testing.T) {
	f := newFlags("x")
	f.StringP("bind", "b", "", "`SRC`\tshow it")
	f.StringP("volume", "v", "", "`SRC`\tshow it")
	f.Bool("quiet", false, "say less")
	want := []flagLine{{"-b, --bind, -v, --volume SRC", "show it"}, {"--quiet", "say less"}}
	got := flagLines(f)
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %q, want %q", got, want)
	}
}
