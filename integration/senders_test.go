package integration

import (
	"io"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestSenders: signals say who sent them, those to a group among them, also where
// the monitor is in that group and has to send them in the guest's place. (In a
// view that names nothing the kernel sends them, to veduta as well, which hands
// them on.)
func TestSenders(t *testing.T) {
	senders := filepath.Join(filepath.Dir(veduta), "senders")
	alone := func(cmd *exec.Cmd) { cmd.SysProcAttr.Setpgid = true }
	keep := func(v *view, c caller) bool { return v.name != "empty" }
	eachView(t, keep, func(t *testing.T, v *view, engine string, c caller) {
		native := newPlace(t, c).run(t, alone, senders)
		o := newPlace(t, c).run(t, func(cmd *exec.Cmd) {
			alone(cmd)
			cmd.Stderr = io.Discard
		}, v.command(engine, together(senders)...)...)
		if o != native {
			t.Errorf("natively:\n%s\nin the view:\n%s", native.output, o.output)
		}
	})
}
