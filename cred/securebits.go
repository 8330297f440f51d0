package cred

import "golang.org/x/sys/unix"

// The securebits of include/uapi/linux/securebits.h; each one's lock is the
// bit above it.
const (
	SECBIT_NOROOT                = 1 << 0
	SECBIT_NO_SETUID_FIXUP       = 1 << 2
	SECBIT_KEEP_CAPS             = 1 << 4
	SECBIT_KEEP_CAPS_LOCKED      = 1 << 5
	SECBIT_NO_CAP_AMBIENT_RAISE  = 1 << 6
	SECBIT_EXEC_RESTRICT_FILE    = 1 << 8
	SECBIT_EXEC_DENY_INTERACTIVE = 1 << 10
)

const (
	secureAllBits = SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS |
		SECBIT_NO_CAP_AMBIENT_RAISE | secureUnprivileged
	secureAllLocks = secureAllBits << 1
	// secureUnprivileged are restrictions that user space puts on itself
	// (Linux 6.14): no privilege is needed to set them.
	secureUnprivileged = SECBIT_EXEC_RESTRICT_FILE | SECBIT_EXEC_DENY_INTERACTIVE
)

func (c *Cred) secure(bit uint32) bool { return c.Securebits&bit != 0 }

// setSecurebits is PR_SET_SECUREBITS. All refusals are EPERM, even that of an
// unknown bit.
func (c *Cred) setSecurebits(arg uintptr) unix.Errno {
	old := uintptr(c.Securebits)
	changed := old ^ arg
	switch {
	case old&secureAllLocks>>1&changed != 0, // a locked bit
		old&secureAllLocks&^arg != 0, // a lock
		arg&^(secureAllBits|secureAllLocks) != 0:
		return unix.EPERM
	}
	if !c.Capable(unix.CAP_SETPCAP) {
		const free = secureUnprivileged | secureUnprivileged<<1
		// No change at all is refused too: so it was before some bits
		// became free.
		if changed == 0 || changed&^free != 0 {
			return unix.EPERM
		}
	}
	c.Securebits = uint32(arg)
	return 0
}

// setKeepCaps is PR_SET_KEEPCAPS, which needs no privilege.
func (c *Cred) setKeepCaps(arg uintptr) unix.Errno {
	switch {
	case arg > 1:
		return unix.EINVAL
	case c.secure(SECBIT_KEEP_CAPS_LOCKED):
		return unix.EPERM
	}
	c.Securebits &^= SECBIT_KEEP_CAPS
	if arg == 1 {
		c.Securebits |= SECBIT_KEEP_CAPS
	}
	return 0
}
