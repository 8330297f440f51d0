package integration

import "testing"

// view is a kind of view that scripts run in.
type view struct {
	name  string
	verb  string
	flags []string
	root  bool // the script is root in it
	cow   bool // what it writes stays in a session
	// Host files are read through mounts that the kernel does not know.
	mounted bool
}

// views are the kinds. A session has a name so that a second command can look
// at what the first left.
var views = []view{
	{name: "empty", verb: "run"},
	{name: "root", verb: "run", flags: []string{"-0"}, root: true},
	{name: "cow", verb: "run", flags: []string{"--cow", "--session", "it"}, cow: true},
	{name: "lab", verb: "run", flags: []string{"--cow", "-0", "--hostname", "lab", "--session", "it"}, root: true, cow: true},
	{name: "try", verb: "try", flags: []string{"-0", "--session", "it", "--on-exit", "keep"}, root: true, cow: true},
}

// engines are the transports; a view that names nothing uses neither.
func (v *view) engines() []string {
	if v.name == "empty" {
		return []string{"trace"}
	}
	return []string{"trace", "notify"}
}

// command is argv, in the view.
func (v *view) command(engine string, argv ...string) []string {
	full := append([]string{veduta, v.verb, "--engine", engine}, v.flags...)
	return append(append(full, "--"), argv...)
}

// together is argv with its standard error on its standard output, so that what
// veduta itself says can be told from it.
func together(argv ...string) []string {
	return append([]string{"sh", "-c", `exec "$@" 2>&1`, "sh"}, argv...)
}

// again is argv in the same session, run to look at it.
func (v *view) again(engine string, argv ...string) []string {
	w := *v
	if w.verb == "try" {
		w.verb, w.flags = "run", []string{"-0", "--session", "it"}
	}
	return w.command(engine, argv...)
}

// eachView calls f for each view, engine and caller, in parallel.
func eachView(t *testing.T, keep func(v *view, c caller) bool, f func(t *testing.T, v *view, engine string, c caller)) {
	for _, c := range callers() {
		for i := range views {
			v := &views[i]
			if keep != nil && !keep(v, c) {
				continue
			}
			for _, engine := range v.engines() {
				t.Run(c.name+"/"+v.name+"/"+engine, func(t *testing.T) {
					t.Parallel()
					f(t, v, engine, c)
				})
			}
		}
	}
}
