package main

import (
	"fmt"
	"os"
	"time"
)

// progress shows how far a piece of work got, on a terminal, once it takes
// longer than a second.
type progress struct {
	what  string
	start time.Time
	last  time.Time
	shown bool
	on    bool
}

func newProgress(what string) *progress {
	return &progress{what: what, start: time.Now(), on: isTerminal(os.Stderr)}
}

// step is the callback of review.Options.
func (p *progress) step(done, total int, path string) {
	now := time.Now()
	if !p.on || now.Sub(p.start) < time.Second || now.Sub(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.shown = now, true
	count := fmt.Sprint(done)
	if total > 0 {
		count = fmt.Sprintf("%d of %d", done, total)
	}
	fmt.Fprintf(os.Stderr, "\r\x1b[K%s: %s  %s", p.what, count, shorten(printable(path), 50))
}

func (p *progress) end() {
	if p.shown {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
}
