package cred

import "golang.org/x/sys/unix"

// Cred is the struct cred of one task (include/linux/cred.h), with the two
// facts that the kernel keeps elsewhere but changes together with it.
type Cred struct {
	UID, EUID, SUID, FSUID uint32
	GID, EGID, SGID, FSGID uint32

	// Groups are the supplementary groups, sorted, duplicates kept, as
	// getgroups(2) gives them back. Never written to: replaced.
	Groups []uint32

	Inheritable, Permitted, Effective, Bounding, Ambient CapSet

	// Securebits holds SECBIT_ flags (capabilities(7)); KEEP_CAPS is one.
	Securebits uint32
	// NoNewPrivs is PR_SET_NO_NEW_PRIVS as the guest sees it.
	NoNewPrivs bool
	// Dumpable is what PR_GET_DUMPABLE returns: 0, 1, or 2 (only by exec and
	// changes of id, where fs.suid_dumpable says so).
	Dumpable int
}

// invalid is (uid_t)-1, the id that no object has (INVALID_UID).
const invalid = ^uint32(0)

// suidDumpable is fs.suid_dumpable as the kernel boots.
const suidDumpable = 0

// Root gives the credentials of a root login: id 0, all capabilities.
func Root() *Cred {
	return &Cred{Permitted: AllCaps, Effective: AllCaps, Bounding: AllCaps, Dumpable: 1}
}

// User gives the credentials of a login of uid: no capability, none taken from
// the bounding set.
func User(uid, gid uint32, groups []uint32) *Cred {
	return &Cred{
		UID: uid, EUID: uid, SUID: uid, FSUID: uid,
		GID: gid, EGID: gid, SGID: gid, FSGID: gid,
		Groups:   sortedGroups(groups),
		Bounding: AllCaps,
		Dumpable: 1,
	}
}

// Clone copies c, as fork(2) does.
func (c *Cred) Clone() *Cred {
	n := *c
	return &n
}

// Capable tells whether c has the capability (a unix.CAP_ value) in effect.
func (c *Cred) Capable(capability int) bool { return c.Effective.Has(capability) }

// change runs f on a copy of c and keeps the copy if f succeeds, so that a
// refused call leaves no trace (prepare_creds, commit_creds).
func (c *Cred) change(f func(n *Cred) unix.Errno) unix.Errno {
	n := *c
	if e := f(&n); e != 0 {
		return e
	}
	n.commit(c)
	*c = n
	return 0
}

// commit takes dumpable away from a task that may now hold what its ids before
// could not read (commit_creds in kernel/cred.c).
func (c *Cred) commit(old *Cred) {
	if Gained(old, c) {
		c.Dumpable = suidDumpable
	}
}

// Gained tells whether the step from old to new makes the kernel take away
// dumpable and clear PR_SET_PDEATHSIG: the effective or file system ids
// changed, or the permitted set grew.
func Gained(old, new *Cred) bool {
	return old.EUID != new.EUID || old.EGID != new.EGID ||
		old.FSUID != new.FSUID || old.FSGID != new.FSGID ||
		!new.Permitted.SubsetOf(old.Permitted)
}
