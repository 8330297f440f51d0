package cred

import "golang.org/x/sys/unix"

// Prctl is prctl(2) for the options that are about credentials. handled is
// false for all others. ret is what the call returns if errno is 0.
func (c *Cred) Prctl(option int, a2, a3, a4, a5 uintptr) (handled bool, ret uintptr, errno unix.Errno) {
	handled = true
	switch option {
	case unix.PR_CAPBSET_READ:
		if !validCap(a2) {
			return true, 0, unix.EINVAL
		}
		ret = flag(c.Bounding.Has(int(a2)))
	case unix.PR_CAPBSET_DROP:
		errno = c.dropBounding(a2)
	case unix.PR_CAP_AMBIENT:
		ret, errno = c.ambient(a2, a3, a4, a5)
	case unix.PR_SET_SECUREBITS:
		errno = c.setSecurebits(a2)
	case unix.PR_GET_SECUREBITS:
		ret = uintptr(c.Securebits)
	case unix.PR_SET_KEEPCAPS:
		errno = c.setKeepCaps(a2)
	case unix.PR_GET_KEEPCAPS:
		ret = flag(c.secure(SECBIT_KEEP_CAPS))
	case unix.PR_SET_NO_NEW_PRIVS:
		errno = c.setNoNewPrivs(a2, a3|a4|a5)
	case unix.PR_GET_NO_NEW_PRIVS:
		if a2|a3|a4|a5 != 0 {
			return true, 0, unix.EINVAL
		}
		ret = flag(c.NoNewPrivs)
	case unix.PR_SET_DUMPABLE:
		errno = c.setDumpable(a2)
	case unix.PR_GET_DUMPABLE:
		ret = uintptr(c.Dumpable)
	default:
		handled = false
	}
	return handled, ret, errno
}

func (c *Cred) dropBounding(arg uintptr) unix.Errno {
	switch {
	case !c.Capable(unix.CAP_SETPCAP):
		return unix.EPERM
	case !validCap(arg):
		return unix.EINVAL
	}
	c.Bounding &^= 1 << arg
	return 0
}

func (c *Cred) setNoNewPrivs(arg, rest uintptr) unix.Errno {
	if arg != 1 || rest != 0 {
		return unix.EINVAL
	}
	c.NoNewPrivs = true
	return 0
}

// setDumpable refuses 2, which only the kernel may choose.
func (c *Cred) setDumpable(arg uintptr) unix.Errno {
	if arg > 1 {
		return unix.EINVAL
	}
	c.Dumpable = int(arg)
	return 0
}

func flag(b bool) uintptr {
	if b {
		return 1
	}
	return 0
}
