package cred_test

import (
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
)

// raw makes a system call for this thread only. Package syscall would make
// those that change ids on all threads.
func raw(nr uintptr, a ...uintptr) (uintptr, unix.Errno) {
	var b [6]uintptr
	copy(b[:], a)
	r, _, e := unix.RawSyscall6(nr, b[0], b[1], b[2], b[3], b[4], b[5])
	return r, e
}

func rawGroups(nr uintptr, size uintptr, groups []uint32) (uintptr, unix.Errno) {
	r, _, e := unix.RawSyscall(nr, size, uintptr(unsafe.Pointer(unsafe.SliceData(groups))), 0)
	return r, e
}

func rawCap(nr uintptr, hdr *unix.CapUserHeader, data []unix.CapUserData) unix.Errno {
	_, _, e := unix.RawSyscall(nr, uintptr(unsafe.Pointer(hdr)), uintptr(unsafe.Pointer(unsafe.SliceData(data))), 0)
	return e
}

func rawGetres(nr uintptr) (r, e, s uint32) {
	unix.RawSyscall(nr, uintptr(unsafe.Pointer(&r)), uintptr(unsafe.Pointer(&e)), uintptr(unsafe.Pointer(&s)))
	return r, e, s
}

func rawPath(nr uintptr, dirfd int, path string, a ...uintptr) unix.Errno {
	p, err := unix.BytePtrFromString(path)
	if err != nil {
		return unix.EINVAL
	}
	var b [4]uintptr
	copy(b[:], a)
	_, _, e := unix.RawSyscall6(nr, uintptr(dirfd), uintptr(unsafe.Pointer(p)), b[0], b[1], b[2], b[3])
	return e
}

func rawOpen(path string, flags int) (uintptr, unix.Errno) {
	p, err := unix.BytePtrFromString(path)
	if err != nil {
		return 0, unix.EINVAL
	}
	at := unix.AT_FDCWD
	fd, _, e := unix.RawSyscall6(unix.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(p)), uintptr(flags), 0, 0, 0)
	return fd, e
}

// rawWrite writes a byte.
func rawWrite(fd uintptr) {
	var b byte
	unix.RawSyscall(unix.SYS_WRITE, fd, uintptr(unsafe.Pointer(&b)), 1)
}

func rawPath2(nr uintptr, dirfd int, from string, dirfd2 int, to string, flags uintptr) unix.Errno {
	p, _ := unix.BytePtrFromString(from)
	q, _ := unix.BytePtrFromString(to)
	_, _, e := unix.RawSyscall6(nr, uintptr(dirfd), uintptr(unsafe.Pointer(p)), uintptr(dirfd2), uintptr(unsafe.Pointer(q)), flags, 0)
	return e
}

func rawTimes(dirfd int, path string, times *[2]unix.Timespec) unix.Errno {
	p, _ := unix.BytePtrFromString(path)
	_, _, e := unix.RawSyscall6(unix.SYS_UTIMENSAT, uintptr(dirfd), uintptr(unsafe.Pointer(p)), uintptr(unsafe.Pointer(times)), 0, 0, 0)
	return e
}

func rawSetxattr(path, name string, value []byte) unix.Errno {
	p, _ := unix.BytePtrFromString(path)
	q, _ := unix.BytePtrFromString(name)
	_, _, e := unix.RawSyscall6(unix.SYS_SETXATTR, uintptr(unsafe.Pointer(p)), uintptr(unsafe.Pointer(q)),
		uintptr(unsafe.Pointer(unsafe.SliceData(value))), uintptr(len(value)), 0, 0)
	return e
}

func prctl(a ...uintptr) uintptr {
	r, _ := raw(unix.SYS_PRCTL, a...)
	return r
}

// current reads the credentials of this thread from the kernel.
func current() *cred.Cred {
	c := &cred.Cred{}
	c.UID, c.EUID, c.SUID = rawGetres(unix.SYS_GETRESUID)
	c.GID, c.EGID, c.SGID = rawGetres(unix.SYS_GETRESGID)
	const none = uintptr(^uint32(0))
	fsuid, _ := raw(unix.SYS_SETFSUID, none)
	fsgid, _ := raw(unix.SYS_SETFSGID, none)
	c.FSUID, c.FSGID = uint32(fsuid), uint32(fsgid)
	var groups [64]uint32
	n, _ := rawGroups(unix.SYS_GETGROUPS, uintptr(len(groups)), groups[:])
	if n > 0 {
		c.Groups = slices.Clone(groups[:n])
	}
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	rawCap(unix.SYS_CAPGET, &hdr, data[:])
	for i, d := range data {
		c.Effective |= cred.CapSet(d.Effective) << (32 * i)
		c.Permitted |= cred.CapSet(d.Permitted) << (32 * i)
		c.Inheritable |= cred.CapSet(d.Inheritable) << (32 * i)
	}
	for i := uintptr(0); i <= unix.CAP_LAST_CAP; i++ {
		c.Bounding |= cred.CapSet(prctl(unix.PR_CAPBSET_READ, i)) << i
		c.Ambient |= cred.CapSet(prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_IS_SET, i)) << i
	}
	c.Securebits = uint32(prctl(unix.PR_GET_SECUREBITS))
	c.NoNewPrivs = prctl(unix.PR_GET_NO_NEW_PRIVS) == 1
	c.Dumpable = int(prctl(unix.PR_GET_DUMPABLE))
	return c
}

func rawKill(pid int, tid uintptr, sig unix.Signal) unix.Errno {
	_, e := raw(unix.SYS_TGKILL, uintptr(pid), tid, uintptr(sig))
	return e
}

func rawRobustList(tid uintptr) unix.Errno {
	var head, size uintptr
	_, _, e := unix.RawSyscall(unix.SYS_GET_ROBUST_LIST, tid, uintptr(unsafe.Pointer(&head)), uintptr(unsafe.Pointer(&size)))
	return e
}

func rawReadlink(path string) unix.Errno {
	var buf [256]byte
	p, _ := unix.BytePtrFromString(path)
	at := unix.AT_FDCWD
	_, _, e := unix.RawSyscall6(unix.SYS_READLINKAT, uintptr(at), uintptr(unsafe.Pointer(p)),
		uintptr(unsafe.Pointer(&buf)), uintptr(len(buf)), 0, 0)
	return e
}
