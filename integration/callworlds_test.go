package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// world is a name space that the kernel makes for real root, and a view for
// anybody. Places are seen at one path (stage.run).
type world struct {
	name string
	// kernel gives commands of a shell that make it, ending in one that begins
	// what is run there; view gives the flags that do.
	kernel func(at string, cases []kase) string
	view   func(at string, cases []kase) []string
	in     string // the working directory
}

var worlds = []*world{
	{
		name: "root",
		kernel: func(at string, _ []kase) string {
			return fmt.Sprintf("mount --bind /proc %[1]s/proc && mount -t tmpfs none %[1]s/dev && touch %[1]s/dev/null && mount --bind /dev/null %[1]s/dev/null && mount --bind %[2]s %[1]s/bin && exec chroot %[1]s", at, filepath.Dir(veduta))
		},
		view: func(at string, _ []kase) []string {
			return []string{"-r", at, "--bind", filepath.Dir(veduta) + ":/bin", "--tmpfs", "/dev", "--bind", "/dev/null:/dev/null"}
		},
		in: "/here",
	},
	{
		name: "mounts",
		kernel: func(at string, cases []kase) string {
			var b strings.Builder
			for _, k := range cases {
				fmt.Fprintf(&b, `mount --bind ../side/%[1]s/d %[1]s/d
mount --bind ../side/%[1]s/y %[1]s/y; mount -o remount,bind,ro %[1]s/y
mount -t tmpfs -o mode=755 none %[1]s/d/b
mount --bind ../side/%[1]s/y %[1]s/d/e
`, k.dir())
			}
			return "set -e\n" + b.String() + "exec env"
		},
		view: func(at string, cases []kase) (flags []string) {
			for _, k := range cases {
				side, here := at+"/side/"+k.dir(), at+"/here/"+k.dir()
				flags = append(flags, "-b", side+"/d:"+here+"/d", "--ro-bind", side+"/y:"+here+"/y",
					"--mount", "type=tmpfs,mode=755,dst="+here+"/d/b", "-b", side+"/y:"+here+"/d/e")
			}
			return flags
		},
		in: ".",
	},
}

// dir is where static_calls plays a case.
func (k kase) dir() string { return k.name + "/1/2/3/4" }

// command plants once more beside the cases and gives what makes the world and
// plays them.
func (w *world) command(t *testing.T, s stage, p *place, cases []kase) []string {
	t.Helper()
	for _, d := range []string{"side", "bin", "proc", "dev", "sys"} {
		if err := os.Mkdir(p.dir+"/"+d, 0o755); err != nil {
			t.Fatal(err)
		}
		p.caller.own(t, p.dir+"/"+d)
	}
	bin, at := filepath.Dir(veduta), s.base+"/at"
	if o := s.run(t, p, "", "sh", "-c", `cd ../side && exec "$0" -plant ../program`, bin+"/static_calls"); o.status != 0 {
		t.Fatal(o.output)
	}
	if w.in == "/here" {
		bin = "/bin"
	}
	play := []string{bin + "/static_calls", "-in", w.in, "-then", bin + "/" + filepath.Base(dumper), "../program"}
	if s.view == nil {
		return append([]string{"sh", "-c", w.kernel(at, cases) + ` "$@"`, "sh"}, play...)
	}
	v := *s.view
	v.flags = append(append([]string{}, v.flags...), w.view(at, cases)...)
	return v.command(s.engine, play...)
}

// TestRandomCallsInWorlds: random calls get the answers of real root's chroot
// and mounts, and leave the same trees.
func TestRandomCallsInWorlds(t *testing.T) {
	needNamespace(t)
	n, seed := callsWanted(t), firstSeed(t)
	dir := memory(t)
	rootView := &view{name: "root", verb: "run", flags: []string{"-0"}, root: true, mounted: true}
	var told sync.Map
	for done := 0; done < n; done += callsOfCase * casesAtOnce {
		var cases []kase
		for i := range min(casesAtOnce, (n-done+callsOfCase-1)/callsOfCase) {
			cases = append(cases, random(seed+int64(i), callsOfCase, true))
		}
		for _, w := range worlds {
			native := stage{caller: rootCaller, base: dir, world: w}.play(t, cases)
			t.Run(w.name, func(t *testing.T) {
				for _, c := range callers() {
					for _, engine := range rootView.engines() {
						t.Run(c.name+"/"+engine, func(t *testing.T) {
							t.Parallel()
							stage{view: rootView, engine: engine, caller: c, base: dir, world: w}.tell(t, cases, native, &told)
						})
					}
				}
			})
		}
		seed += casesAtOnce
	}
}
