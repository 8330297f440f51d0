package main

import (
	"errors"
	"strings"

	"github.com/spf13/pflag"
)

// viewFlags are the flags that describe a view, as given.
type viewFlags struct {
	root             bool
	user             string
	hostname, domain string
	cow              bool
	binds            []string
	roBinds          []string
	env              []string
	envFile          []string
	workdir          string
	entrypoint       string
	engine           string
	stats            bool
	json             bool
	trace            string
	output           string
	session          string
	remove           bool
	onExit           string
	shell            string
}

// flagSet makes the flags of run and try.
func (v *viewFlags) flagSet(name string) *pflag.FlagSet {
	f := pflag.NewFlagSet(name, pflag.ContinueOnError)
	f.SetInterspersed(false)
	f.SortFlags = false
	f.BoolVarP(&v.root, "root", "0", false, "be root")
	f.StringVarP(&v.user, "user", "u", "", "be `USER[:GROUP]`, names or numbers")
	f.StringVar(&v.hostname, "hostname", "", "have the host name `NAME`")
	f.StringVar(&v.domain, "domainname", "", "have the domain name `NAME`")
	f.BoolVar(&v.cow, "cow", false, "write to a layer over /; nothing below changes")
	f.StringArrayVarP(&v.binds, "bind", "b", nil, "show `SRC[:DST][:ro]`")
	f.StringArrayVarP(&v.binds, "volume", "v", nil, "the same as --bind")
	f.StringArrayVar(&v.roBinds, "ro-bind", nil, "show `SRC[:DST]` read-only")
	f.StringArrayVarP(&v.env, "env", "e", nil, "set `K=V`, or pass K on")
	f.StringArrayVar(&v.envFile, "env-file", nil, "set the variables in `FILE`")
	f.StringVarP(&v.workdir, "workdir", "w", "", "start in `DIR`")
	f.StringVar(&v.entrypoint, "entrypoint", "", "run `CMD` with the arguments given")
	f.StringVarP(&v.shell, "command", "c", "", "run a shell `STRING`")
	f.StringVar(&v.session, "session", "", "use or make the session `NAME`")
	f.BoolVar(&v.remove, "rm", false, "forget the session at the end")
	f.StringVar(&v.onExit, "on-exit", "", "at the end `ask|keep|commit|discard`")
	f.StringVar(&v.engine, "engine", "auto", "catch calls by `auto|trace|notify`")
	f.BoolVar(&v.stats, "stats", false, "tell what it cost")
	f.BoolVar(&v.json, "json", false, "statistics as JSON")
	f.StringVar(&v.trace, "trace", "", "log what was virtualized; `SET` is all, names or families")
	f.Lookup("trace").NoOptDefVal = "virtual"
	f.StringVarP(&v.output, "output", "o", "", "where --trace and --stats go")
	f.Usage = func() {}
	return f
}

// parse reads the flags and returns the command behind them.
func (v *viewFlags) parse(name string, args []string) (rest []string, help bool, err error) {
	f := v.flagSet(name)
	switch err := f.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		return nil, true, nil
	case err != nil:
		return nil, false, errors.New(err.Error() + "; see veduta " + name + " --help")
	}
	if f.Changed("trace") && v.trace == "virtual" {
		v.trace = ""
	}
	if !f.Changed("trace") {
		v.trace = "-"
	}
	switch v.onExit {
	case "", "ask", "keep", "commit", "discard":
	default:
		return nil, false, errors.New("--on-exit " + v.onExit + ": want ask, keep, commit or discard")
	}
	switch v.engine {
	case "auto", "trace", "notify":
	default:
		return nil, false, errors.New("--engine " + v.engine + ": want auto, trace or notify")
	}
	if strings.ContainsAny(v.session, "/\x00") {
		return nil, false, errors.New("--session " + v.session + ": a name has no slash")
	}
	return f.Args(), false, nil
}
