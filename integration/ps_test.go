package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// listed is what veduta ps --json tells.
type listed []struct {
	Session string
	Command []string
	Guests  []struct {
		PID     int
		UID     uint32
		Command []string
		Held    *struct {
			Call, Why string
			Stuck     bool
		}
	}
}

// asking runs veduta ps inside the view and outside, while a guest waits for a
// fifo's other end.
const asking = `mkfifo gate; cat gate & exec 2>&1
until veduta ps | grep -q 'cat gate'; do :; done
veduta ps --json >inside; "$@" >outside; veduta ps -z | tr '\0' '\n' >pids; echo >gate; wait`

func TestPs(t *testing.T) {
	eachView(t, nil, func(t *testing.T, v *view, engine string, c caller) {
		p := newPlace(t, c)
		p.must(t, v.command(engine, "sh", "-c", asking, "sh", veduta, "ps", "--json")...)
		out := p.must(t, v.again(engine, "cat", "inside")...)
		var views listed
		if err := json.Unmarshal([]byte(out), &views); err != nil || len(views) != 1 {
			t.Fatalf("%v in %s", err, out)
		}
		if v.cow && views[0].Session != "it" {
			t.Errorf("the session is called %q", views[0].Session)
		}
		found := false
		for _, g := range views[0].Guests {
			if strings.Join(g.Command, " ") != "cat gate" {
				continue
			}
			found = true
			if want := v.root || c.uid == 0; (g.UID == 0) != want {
				t.Errorf("uid %d in a view where the caller is root: %v", g.UID, want)
			}
			if pids := p.must(t, v.again(engine, "cat", "pids")...); !strings.Contains("\n"+pids, fmt.Sprintf("\n%d\n", g.PID)) {
				t.Errorf("%d is not in %q", g.PID, pids)
			}
			if engine == "notify" && v.cow && (g.Held == nil || g.Held.Call != "openat" || g.Held.Stuck || g.Held.Why == "") {
				t.Errorf("it is said to be in %+v", g.Held)
			}
		}
		if !found {
			t.Errorf("cat is not in %s", out)
		}
		if o := p.run(t, nil, veduta, "ps"); o.output != "veduta: no view is running\n" || o.status != 0 {
			t.Errorf("afterwards: status %d, %q", o.status, o.output)
		}
	})
}

// A directory of sockets that somebody else may write to is not believed.
func TestPsTrustsNobody(t *testing.T) {
	p := newPlace(t, callers()[0])
	if err := os.Mkdir(p.dir+"/store/run", 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(p.dir+"/store/run", 0o777); err != nil {
		t.Fatal(err)
	}
	o := p.run(t, nil, veduta, "ps")
	if o.status == 0 || !strings.Contains(o.output, "others may write to it") {
		t.Errorf("status %d, %q", o.status, o.output)
	}
	if o := p.run(t, nil, veduta, "run", "-0", "--", "echo", "runs"); o.output != "runs\n" {
		t.Errorf("a view without a socket: %q", o.output)
	}
}
