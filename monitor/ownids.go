package monitor

import (
	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

// Where the first guest has the ids that the monitor has, as root's guests have
// by --root, the kernel says the same of them as the view, until a guest takes
// others: only then it gets a filter that has its ids asked for here.

// ownIDs are the calls that tell them.
var ownIDs = []sysent.Op{sysent.OpGetuid, sysent.OpGeteuid, sysent.OpGetgid, sysent.OpGetegid, sysent.OpGetresuid, sysent.OpGetresgid}

// changesIDs are the calls by which a guest comes to other ids or capabilities,
// but for exec.
func changesIDs(op sysent.Op) bool {
	switch op {
	case sysent.OpSetuid, sysent.OpSetgid, sysent.OpSetreuid, sysent.OpSetregid, sysent.OpSetresuid, sysent.OpSetresgid,
		sysent.OpSetfsuid, sysent.OpSetfsgid, sysent.OpCapset:
		return true
	}
	return false
}

func sameIDs(a, b *cred.Cred) bool {
	return a.UID == b.UID && a.EUID == b.EUID && a.SUID == b.SUID && a.GID == b.GID && a.EGID == b.EGID && a.SGID == b.SGID
}

// asksIDs is what must come before the guest takes new credentials, if ok.
func (c *call) asksIDs(k *cred.Cred) (v ptrace.Verdict, ok bool) {
	if !c.m.ownIDs || c.task.arms()&armIDs != 0 || sameIDs(k, c.m.real) {
		return v, false
	}
	prog, err := armFilter(armed[armIDs]).Compile()
	if err != nil {
		return fails(err), true
	}
	v = c.installing(prog, 0)
	v.Rewrite.Filters, v.Rewrite.First, v.Rewrite.Again = false, true, true
	t, m := c.task, c.m
	v.After = func(_ *ptrace.Thread, ret int64) int64 {
		t.armed.Or(uint32(armIDs))
		if ret != 0 {
			m.say("task %d takes other ids, but cannot be given the filter that shows them to it: errno %d", t.tid, -ret)
		}
		return ret
	}
	return v, true
}
