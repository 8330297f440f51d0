package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestStatus: the status is the command's own.
func TestStatus(t *testing.T) {
	p := newPlace(t, userCaller())
	for name, mode := range map[string]os.FileMode{"plain": 0o644, "garbage": 0o755} {
		file := filepath.Join(p.work(), name)
		if err := os.WriteFile(file, []byte("\x00no program"), mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		argv []string
		want int
		said string // part of what veduta itself says
	}{
		{[]string{"true"}, 0, ""},
		{[]string{"sh", "-c", "exit 7"}, 7, ""},
		{[]string{"sh", "-c", "exit 255"}, 255, ""},
		{[]string{"sh", "-c", "kill -TERM $$"}, 143, ""},
		{[]string{"sh", "-c", "kill -KILL $$"}, 137, ""},
		{[]string{"sh", "-c", "kill -INT $$"}, 130, ""},
		{[]string{"sh", "-c", "kill -SEGV $$"}, 139, ""},
		{[]string{"no-such-command"}, 127, "not found"},
		{[]string{"./missing"}, 127, "not found"},
		{[]string{"./plain"}, 126, "permission denied"},
		// as execvp(3), which hands it to a shell
		{[]string{"./garbage"}, p.run(t, nil, "env", "./garbage").status, "not found"},
		{[]string{"/"}, 126, ""},
	} {
		for _, v := range []*view{&views[0], &views[1], &views[3]} {
			for _, engine := range v.engines() {
				o := p.run(t, nil, v.command(engine, c.argv...)...)
				if o.status != c.want {
					t.Errorf("%s %s: %q: status %d, want %d\n%s", v.name, engine, c.argv, o.status, c.want, o.output)
				}
				if !strings.Contains(strings.ToLower(o.output), c.said) {
					t.Errorf("%s %s: %q: said %q, want something of %q", v.name, engine, c.argv, o.output, c.said)
				}
			}
		}
	}
}

// TestStatusOwn: veduta's own failures are 125, one line, and leave nothing.
func TestStatusOwn(t *testing.T) {
	p := newPlace(t, userCaller())
	for _, argv := range [][]string{
		{"run", "--no-such-flag", "--", "true"},
		{"run", "--engine", "magic", "--", "true"},
		{"run", "-b", "/no/such/source:/mnt", "--", "true"},
		{"run", "-u", "nobody-of-this-name", "--", "true"},
		{"run", "--cow", "--session", "a/b", "--", "true"},
		{"nonsense"},
		{"diff", "no-such-session"},
		{"discard", "no-such-session"},
	} {
		o := p.run(t, nil, append([]string{veduta}, argv...)...)
		if o.status != 125 {
			t.Errorf("%q: status %d, want 125", argv, o.status)
		}
		if !strings.HasPrefix(o.output, "veduta: ") || strings.Count(o.output, "\n") != 1 {
			t.Errorf("%q: said %q, want one line", argv, o.output)
		}
	}
	left, err := filepath.Glob(p.dir + "/store/sessions/*")
	if err != nil || len(left) != 0 {
		t.Errorf("left %q %v", left, err)
	}
}

// TestStatusOutlived: the status is the command's, also where a child outlives
// it, and the child goes on in the view to its end.
func TestStatusOutlived(t *testing.T) {
	eachView(t, nil, func(t *testing.T, v *view, engine string, c caller) {
		p := newPlace(t, c)
		const script = `p=$$; (while kill -0 $p; do :; done; echo late > late; cat late) 2>/dev/null & exit 5`
		argv := together("sh", "-c", script)
		o := p.run(t, nil, v.command(engine, argv...)...)
		if o.status != 5 {
			t.Errorf("status %d, want 5", o.status)
		}
		if !strings.HasPrefix(o.output, "late\n") {
			t.Errorf("output %q, want what the child wrote", o.output)
		}
		if _, err := os.Lstat(p.work() + "/late"); (err == nil) == v.cow {
			t.Errorf("the child's file on the host: %v", err)
		}
		if o := p.run(t, nil, v.again(engine, "cat", "late")...); o.output != "late\n" {
			t.Errorf("the child's file in the view: %q", o.output)
		}
	})
}
