package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"
)

// finding is a line of the doctor: what was tried, and how it went.
type finding struct {
	What string `json:"what"`
	// Verdict is ok, no (a view lacks it) or info (nice to know).
	Verdict string `json:"verdict"`
	Says    string `json:"says,omitempty"`
	// Fix is the cheapest way out of a no.
	Fix string `json:"fix,omitempty"`
}

const (
	verdictOK   = "ok"
	verdictNo   = "no"
	verdictInfo = "info"
)

// found is a finding that an error, if any, makes a no.
func found(what string, err error, fix string) finding {
	if err != nil {
		return finding{what, verdictNo, oneLine(err), fix}
	}
	return finding{What: what, Verdict: verdictOK}
}

type diagnosis struct {
	// Engine that --engine auto takes; empty if no view can be run.
	Engine   string    `json:"engine"`
	Findings []finding `json:"findings"`
}

type doctoring struct {
	output
	guest string
}

func doctorCommand() (*pflag.FlagSet, action) {
	d, f := &doctoring{}, newFlags("doctor")
	f.BoolVar(&d.json, "json", false, "write JSON")
	d.addColor(f)
	f.StringVar(&d.guest, "guest", "", "be the guest of a trial and write `FILE`")
	f.MarkHidden("guest")
	return f, d.run
}

func (d *doctoring) run(args []string) (int, error) {
	if err := none(args); err != nil {
		return 0, err
	}
	if d.guest != "" {
		return 0, beGuest(d.guest)
	}
	diag := diagnose()
	status := 0
	if diag.Engine == "" {
		status = 1
	}
	if d.json {
		return status, writeJSON(os.Stdout, diag)
	}
	diag.write(os.Stdout, d.colored(os.Stdout))
	return status, nil
}

func diagnose() (d diagnosis) {
	kernel, notify := kernelFindings()
	d.Findings = append(kernel, surroundings()...)
	var trials []finding
	trials, d.Engine = tryEngines(notify)
	d.Findings = append(d.Findings, trials...)
	d.Findings = append(d.Findings, storeFindings(d.Engine)...)
	d.Findings = append(d.Findings, extras()...)
	return d
}

func (d *diagnosis) write(w io.Writer, colour bool) {
	codes := map[string]string{verdictOK: "32", verdictNo: "31", verdictInfo: "2"}
	for _, f := range d.Findings {
		verdict := pad(f.Verdict, 4)
		if colour {
			verdict = "\x1b[" + codes[f.Verdict] + "m" + verdict + "\x1b[m"
		}
		line := verdict + "  " + f.What
		if f.Says != "" {
			line += ": " + f.Says
		}
		if f.Fix != "" {
			line += "; " + f.Fix
		}
		fmt.Fprintln(w, line)
	}
	if d.Engine == "" {
		fmt.Fprintln(w, "No view can be run here.")
		return
	}
	fmt.Fprintf(w, "Views can be run; --engine auto is %s.\n", d.Engine)
}
