package integration

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// busy changes the tree and says so, without end.
const busy = `
echo "$$"
(while :; do mkdir -p d; echo x > d/f; mv d/f d/g; ln d/g d/h; rm -r d; done) 2>/dev/null &
(while :; do cp /bin/true prog; ./prog; rm prog; done) 2>/dev/null &
while :; do i=$((i+1)); echo $i > n$((i % 10)); rm -f n$(((i + 5) % 10)); echo $i; done`

// TestNoStranding kills the monitor at any moment: no guest goes on, and the
// session stays readable.
func TestNoStranding(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	keep := func(v *view, c caller) bool { return v.cow }
	eachView(t, keep, func(t *testing.T, v *view, engine string, c caller) {
		p := newPlace(t, c)
		p.env = append(p.env, marker(p))
		for range rounds {
			killAmidst(t, p, v, engine)
			if t.Failed() {
				return
			}
		}
		if o := p.run(t, nil, veduta, "ls"); o.status != 0 || !strings.Contains(o.output, "it") {
			t.Errorf("veduta ls: status %d\n%s", o.status, o.output)
		}
		if o := p.run(t, nil, veduta, "diff", "it"); o.status != 0 {
			t.Errorf("veduta diff: status %d\n%s", o.status, o.output)
		}
		if o := p.run(t, nil, v.again(engine, "sh", "-c", "rm -rf n* d prog; ls -A; echo new > n1; cat n1")...); o.status != 0 || o.output != "new\n" {
			t.Errorf("the session after the kills: status %d\n%s", o.status, o.output)
		}
		if o := p.run(t, nil, veduta, "discard", "it"); o.status != 0 {
			t.Errorf("veduta discard: status %d\n%s", o.status, o.output)
		}
	})
}

func killAmidst(t *testing.T, p *place, v *view, engine string) {
	t.Helper()
	cmd, r := p.start(t, v.again(engine, "sh", "-c", busy)...)
	for range 1 + rand.IntN(40) {
		if _, err := r.ReadString('\n'); err != nil {
			t.Errorf("the guest ended by itself: %v", err)
			break
		}
	}
	if len(guests(p)) < 2 {
		t.Error("no guest carries the marker: the test could not fail")
	}
	cmd.Process.Kill()
	cmd.Wait()
	until(t, "all guests are gone", func() bool { return len(guests(p)) == 0 })
}
