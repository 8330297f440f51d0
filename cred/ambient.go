package cred

import "golang.org/x/sys/unix"

// ambient is PR_CAP_AMBIENT. A capability can be ambient only while it is both
// permitted and inheritable.
func (c *Cred) ambient(op, capability, a4, a5 uintptr) (uintptr, unix.Errno) {
	if op == unix.PR_CAP_AMBIENT_CLEAR_ALL {
		if capability|a4|a5 != 0 {
			return 0, unix.EINVAL
		}
		c.Ambient = 0
		return 0, 0
	}
	if !validCap(capability) || a4|a5 != 0 {
		return 0, unix.EINVAL
	}
	bit := CapSet(1) << capability
	switch op {
	case unix.PR_CAP_AMBIENT_IS_SET:
		return flag(c.Ambient&bit != 0), 0
	case unix.PR_CAP_AMBIENT_LOWER:
		c.Ambient &^= bit
		return 0, 0
	case unix.PR_CAP_AMBIENT_RAISE:
		if c.Permitted&c.Inheritable&bit == 0 || c.secure(SECBIT_NO_CAP_AMBIENT_RAISE) {
			return 0, unix.EPERM
		}
		c.Ambient |= bit
		return 0, 0
	}
	return 0, unix.EINVAL
}
