package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/session/review"
)

func TestPrompt(t *testing.T) {
	for typed, want := range map[string]string{
		"c\n": "c", "commit\n": "c", " D \n": "d", "\n": "k", "": "k", "c": "c", "x\nd\n": "d", "x": "k",
	} {
		var shown bytes.Buffer
		p := &prompt{bufio.NewReader(strings.NewReader(typed)), &shown}
		if got := p.ask("? ", "ckds", "k"); got != want {
			t.Errorf("%q: %s, want %s", typed, got, want)
		}
		if n := strings.Count(shown.String(), "? "); n != 1+strings.Count(typed, "x\n") {
			t.Errorf("%q: asked %d times", typed, n)
		}
	}
}

func change(kind review.Kind, typ, path string) *review.Change {
	return &review.Change{Kind: kind, Type: typ, Path: session.Path(path)}
}

func TestPick(t *testing.T) {
	changes := []*review.Change{
		change("M", "dir", "/etc"), change("M", "file", "/etc/passwd"), change("A", "file", "/etc/st*r"),
		change("A", "dir", "/opt/new"), change("A", "file", "/opt/new/a"), change("D", "file", "/usr/b"),
	}
	for typed, want := range map[string]string{
		"y y y":       "/etc /opt/new /usr/b",
		"n y y y y":   `/etc/passwd /etc/st\*r /opt/new /usr/b`,
		"n n n n y":   "/usr/b",
		"n n a":       `/etc/st\*r /opt/new /usr/b`,
		"n y q":       "/etc/passwd",
		"q":           "",
		"n n n n n":   "",
		"n n n n (?)": "",
	} {
		p := &prompt{bufio.NewReader(strings.NewReader(strings.ReplaceAll(typed, " ", "\n") + "\n")), &bytes.Buffer{}}
		if got := strings.Join(pick(p, changes), " "); got != want {
			t.Errorf("%s: %q, want %q", typed, got, want)
		}
	}
}

func TestSummaryLeavesOutNoDeletion(t *testing.T) {
	store := newStore(t)
	s := makeSession(t, store, "web")
	defer s.Close()
	var changes []*review.Change
	for i := range 100 {
		c := change(review.Modified, "file", fmt.Sprintf("/d%02d/f", i))
		if i%10 == 9 {
			c.Kind = review.Deleted
		}
		c.Content = true
		changes = append(changes, c)
	}
	r := running{session: s}
	r.flags.color = "always"
	_, text, _ := said(t, func() int { r.summary(changes); return 0 })
	if n := strings.Count(text, "\n"); n > summaryLines+12 {
		t.Errorf("the summary has %d lines", n)
	}
	for i := 9; i < 100; i += 10 {
		if !strings.Contains(text, fmt.Sprintf("/d%02d/f", i)) {
			t.Errorf("the deletion of /d%02d/f is left out", i)
		}
	}
	if !strings.Contains(text, "lines more: veduta status web") {
		t.Error(text)
	}
}

func TestColour(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	t.Setenv("NO_COLOR", "1")
	for color, want := range map[string]bool{"always": true, "never": false, "auto": false} {
		if got := (&output{color: color}).colored(null); got != want {
			t.Errorf("--color=%s: %v", color, got)
		}
	}
}
