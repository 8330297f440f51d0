package monitor

import (
	"golang.org/x/net/bpf"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/seccomp"
)

// unheard tells whether a call that a signal ended with ERESTARTSYS had not
// been received by notify: the filter sends it there, and nobody else ends it
// so. The kernel may, where a call waits; of such a one only the spelling
// tells, and one that is made twice in a row, word for word, is taken for the
// first.
func (m *Monitor) unheard(filter []bpf.Instruction, tid int, pc *ptrace.Call) bool {
	e := sysent.Lookup(pc.Nr)
	task := m.taskOf(tid)
	if e == nil || task == nil {
		return false
	}
	action, err := seccomp.Simulate(filter, seccomp.Data{Nr: int32(pc.Nr), Arch: arch.AuditArch, IP: pc.IP, Args: pc.Args})
	if err != nil || action != seccomp.Notify {
		return false
	}
	return !routes[e.Op].waits || task.heard.Load() != spelling(pc)
}

// spelling is a number for a call's registers.
func spelling(pc *ptrace.Call) uint64 {
	h := pc.IP
	for _, a := range pc.Args {
		h = h*0x9e3779b97f4a7c15 + a
	}
	return h + uint64(pc.Nr)
}
