package cred

import "golang.org/x/sys/unix"

// ids are the four ids of one kind, of users or of groups: system calls change
// both by the same rules (kernel/sys.c). An argument of (uid_t)-1 leaves an id
// as it is. privileged: the caller has CAP_SETUID, or CAP_SETGID.
type ids struct{ real, effective, saved, fs uint32 }

// has tells whether id is one that a caller without privilege may switch to.
func (i ids) has(id uint32) bool { return id == i.real || id == i.effective || id == i.saved }

// set is setuid(2) and setgid(2).
func (i ids) set(id uint32, privileged bool) (ids, unix.Errno) {
	switch {
	case id == invalid:
		return i, unix.EINVAL
	case privileged:
		i.real, i.saved = id, id
	case id != i.real && id != i.saved:
		return i, unix.EPERM
	}
	i.effective, i.fs = id, id
	return i, 0
}

// setre is setreuid(2) and setregid(2).
func (i ids) setre(real, effective uint32, privileged bool) (ids, unix.Errno) {
	if !privileged && (real != invalid && real != i.real && real != i.effective ||
		effective != invalid && !i.has(effective)) {
		return i, unix.EPERM
	}
	n := ids{real: pick(real, i.real), effective: pick(effective, i.effective), saved: i.saved}
	// The saved id follows unless the call only went back to the real id:
	// 4.3BSD's rule.
	if real != invalid || effective != invalid && effective != i.real {
		n.saved = n.effective
	}
	n.fs = n.effective
	return n, 0
}

// setres is setresuid(2) and setresgid(2).
func (i ids) setres(real, effective, saved uint32, privileged bool) (ids, unix.Errno) {
	for _, id := range []uint32{real, effective, saved} {
		if !privileged && id != invalid && !i.has(id) {
			return i, unix.EPERM
		}
	}
	// A call that asks for nothing new leaves an fs id of its own alone; any
	// other pulls it to the effective one.
	if pick(real, i.real) == i.real && pick(saved, i.saved) == i.saved &&
		(effective == invalid || effective == i.effective && effective == i.fs) {
		return i, 0
	}
	n := ids{real: pick(real, i.real), effective: pick(effective, i.effective), saved: pick(saved, i.saved)}
	n.fs = n.effective
	return n, 0
}

// maySetfs tells whether setfsuid(2) or setfsgid(2) to id does anything.
func (i ids) maySetfs(id uint32, privileged bool) bool {
	return id != invalid && id != i.fs && (i.has(id) || privileged)
}

// pick gives id, or what there is if id says to leave it.
func pick(id, current uint32) uint32 {
	if id == invalid {
		return current
	}
	return id
}
