package monitor

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// The kernel takes the set-id bits off a file that is written without CAP_FSETID
// (file_remove_privs in fs/inode.c). Writes are never caught. Where the guests
// of a real root have the ids that the view gives them first, a thread that comes
// to lack the capability is made to drop it for real, so that the kernel does
// it; elsewhere, and after an execve, which gives the real root all capabilities
// again, the bits fall when the file is opened to be written.

// dropSetID takes the bits off a file that the guest opens to write.
func (c *call) dropSetID(w *vfs.Where, a *vfs.Attr, how vfs.How) error {
	if !how.Writes() || how.Flags&(unix.O_PATH|unix.O_EXCL) != 0 || how.Tmpfile() || a.Kind() != unix.S_IFREG {
		return nil
	}
	if c.m.view.Identity == nil || c.task.noFSetID && how.Flags&unix.O_TRUNC == 0 {
		return nil // the kernel does it
	}
	mode := c.cred().WriteMode(a)
	if mode == a.Perm() {
		return nil
	}
	return w.FS.SetAttr(w.Path(), vfs.SetAttr{Valid: vfs.SetMode, Mode: mode})
}

// followsFSetID is what must come before the guest takes new credentials, if
// ok: the thread drops or takes CAP_FSETID.
func (c *call) followsFSetID(k *cred.Cred) (v ptrace.Verdict, ok bool) {
	drop := !k.Capable(unix.CAP_FSETID)
	if !c.m.ownIDs || !c.m.real.Capable(unix.CAP_FSETID) || c.task.noFSetID == drop {
		return v, false
	}
	caps := c.m.real.Effective
	if drop {
		caps &^= cred.Caps(unix.CAP_FSETID)
	}
	header := binary.NativeEndian.AppendUint32(nil, unix.LINUX_CAPABILITY_VERSION_3)
	header = binary.NativeEndian.AppendUint32(header, 0)
	var data []byte
	for _, shift := range []uint{0, 32} {
		for _, set := range []cred.CapSet{caps, c.m.real.Permitted, 0} {
			data = binary.NativeEndian.AppendUint32(data, uint32(set>>shift))
		}
	}
	rw := &ptrace.Rewrite{Nr: unix.SYS_CAPSET, First: true, Again: true}
	rw.Args[0] = ptrace.Arg{Set: true, Bytes: header}
	rw.Args[1] = ptrace.Arg{Set: true, Bytes: data}
	t, m := c.task, c.m
	v = ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}
	v.After = func(_ *ptrace.Thread, ret int64) int64 {
		t.noFSetID = drop
		if ret != 0 {
			m.say("task %d changes its capabilities, but capset answers errno %d", t.tid, -ret)
		}
		return ret
	}
	return v, true
}
