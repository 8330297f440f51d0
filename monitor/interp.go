package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/monitor/binfmt"
	"github.com/veduta/veduta/ptrace"
)

// interpFor is how a program gets the view's interpreter, loader to the host,
// where the kernel maps the one of the same name; nil if the kernel finds none.
func (c *call) interpFor(h binfmt.Header, loader string) *ptrace.Interp {
	name := h.Interp
	if arch.InterpCode == nil || c.thread.Filtered || name[0] != '/' || unix.Access(name, unix.X_OK) != nil {
		return nil
	}
	in := &ptrace.Interp{Path: loader, Old: c.m.image(name), New: c.m.image(loader)}
	if in.Old == nil || in.New == nil || in.Old.ABI != in.New.ABI || in.New.ABI != arch.ABI(h.Kind == binfmt.ELF32) {
		return nil
	}
	m := c.m
	in.Mapped = func(t *ptrace.Thread, base uint64) {
		if task := m.taskOf(t.TID); task != nil {
			task.interp = base
		}
		setBase(t, base)
	}
	return in
}
