package cred_test

import (
	"fmt"
	"math/rand"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
)

var capVersions = []uint32{
	unix.LINUX_CAPABILITY_VERSION_1, unix.LINUX_CAPABILITY_VERSION_2,
	unix.LINUX_CAPABILITY_VERSION_3, unix.LINUX_CAPABILITY_VERSION_3,
	unix.LINUX_CAPABILITY_VERSION_3, 0,
}

// Those that decide about the calls and checks made.
var someCaps = []int{
	unix.CAP_CHOWN, unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH, unix.CAP_FOWNER,
	unix.CAP_FSETID, unix.CAP_KILL, unix.CAP_SETGID, unix.CAP_SETUID, unix.CAP_SETPCAP,
	unix.CAP_MKNOD, unix.CAP_SETFCAP, unix.CAP_MAC_OVERRIDE, unix.CAP_CHECKPOINT_RESTORE,
	unix.CAP_SYS_RESOURCE, unix.CAP_SYS_ADMIN,
}

func randCap(r *rand.Rand) int { return someCaps[r.Intn(len(someCaps))] }

// randSet gives most of base or little of it, seldom something outside.
func randSet(r *rand.Rand, base cred.CapSet) cred.CapSet {
	s := base
	switch r.Intn(4) {
	case 0:
		s &= cred.CapSet(r.Uint64())
	case 1:
		s &= cred.CapSet(r.Uint64() | r.Uint64() | r.Uint64())
	}
	switch r.Intn(8) {
	case 0:
		s |= 1 << randCap(r)
	case 1:
		s |= 1 << 50 // no capability: the kernel takes it off
	}
	return s
}

func randCapset(r *rand.Rand, now *cred.Cred) call {
	perm := randSet(r, now.Permitted)
	eff := randSet(r, perm)
	inh := randSet(r, now.Inheritable|now.Permitted)
	version := capVersions[r.Intn(len(capVersions))]
	data := make([]unix.CapUserData, 2)
	for i := range data {
		data[i] = unix.CapUserData{
			Effective:   uint32(eff >> (32 * i)),
			Permitted:   uint32(perm >> (32 * i)),
			Inheritable: uint32(inh >> (32 * i)),
		}
	}
	do := func(f func(*unix.CapUserHeader) unix.Errno) (any, unix.Errno) {
		hdr := unix.CapUserHeader{Version: version}
		e := f(&hdr)
		return hdr, e
	}
	return call{
		fmt.Sprintf("capset %#x eff=%s perm=%s inh=%s", version, eff, perm, inh),
		func() (any, unix.Errno) {
			return do(func(h *unix.CapUserHeader) unix.Errno { return rawCap(unix.SYS_CAPSET, h, data) })
		},
		func(m *cred.Cred) (any, unix.Errno) {
			return do(func(h *unix.CapUserHeader) unix.Errno { return m.Capset(h, data) })
		},
	}
}

func randCapget(r *rand.Rand) call {
	version := capVersions[r.Intn(len(capVersions))]
	do := func(f func(*unix.CapUserHeader, []unix.CapUserData) unix.Errno) (any, unix.Errno) {
		hdr := unix.CapUserHeader{Version: version}
		data := make([]unix.CapUserData, 2)
		e := f(&hdr, data)
		return fmt.Sprint(hdr, data), e
	}
	return call{
		fmt.Sprintf("capget %#x", version),
		func() (any, unix.Errno) {
			return do(func(h *unix.CapUserHeader, d []unix.CapUserData) unix.Errno { return rawCap(unix.SYS_CAPGET, h, d) })
		},
		func(m *cred.Cred) (any, unix.Errno) {
			return do(func(h *unix.CapUserHeader, d []unix.CapUserData) unix.Errno {
				words, e := m.Capget(h)
				copy(d, words)
				return e
			})
		},
	}
}

func randPrctl(r *rand.Rand, now *cred.Cred) call {
	var a [5]uintptr
	a[0] = []uintptr{
		unix.PR_CAPBSET_READ, unix.PR_CAPBSET_DROP, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT,
		unix.PR_CAP_AMBIENT, unix.PR_SET_KEEPCAPS, unix.PR_SET_KEEPCAPS, unix.PR_GET_KEEPCAPS,
		unix.PR_SET_SECUREBITS, unix.PR_SET_SECUREBITS, unix.PR_GET_SECUREBITS,
		unix.PR_SET_NO_NEW_PRIVS, unix.PR_GET_NO_NEW_PRIVS, unix.PR_SET_DUMPABLE, unix.PR_GET_DUMPABLE,
	}[r.Intn(15)]
	switch a[0] {
	case unix.PR_CAPBSET_READ, unix.PR_CAPBSET_DROP:
		a[1] = uintptr(randCap(r))
		if r.Intn(10) == 0 {
			a[1] = []uintptr{41, 63, 1 << 32, ^uintptr(0)}[r.Intn(4)]
		}
	case unix.PR_CAP_AMBIENT:
		a[1] = []uintptr{0, unix.PR_CAP_AMBIENT_IS_SET, unix.PR_CAP_AMBIENT_RAISE, unix.PR_CAP_AMBIENT_RAISE,
			unix.PR_CAP_AMBIENT_LOWER, unix.PR_CAP_AMBIENT_CLEAR_ALL}[r.Intn(6)]
		if a[1] != unix.PR_CAP_AMBIENT_CLEAR_ALL || r.Intn(4) == 0 {
			a[2] = uintptr(randCap(r))
		}
		if r.Intn(20) == 0 {
			a[2+r.Intn(3)] = 41
		}
	case unix.PR_SET_SECUREBITS:
		a[1] = randSecurebits(r, now)
	default:
		a[1] = []uintptr{0, 0, 1, 1, 1, 2}[r.Intn(6)]
		if r.Intn(10) == 0 {
			a[2+r.Intn(3)] = 1
		}
	}
	return prctlCall(a)
}

func randSecurebits(r *rand.Rand, now *cred.Cred) uintptr {
	bits := uint32(0xff)
	if kernelAtLeast(6, 14) {
		bits = 0xfff
	}
	s := now.Securebits ^ 1<<r.Intn(8)
	switch r.Intn(8) {
	case 0:
		s = r.Uint32() & bits
	case 1:
		s = now.Securebits ^ r.Uint32()&(bits&^0xff)
	case 2:
		s = now.Securebits
	case 3:
		s |= 1 << (12 + r.Intn(20))
	}
	return uintptr(s)
}

func prctlCall(a [5]uintptr) call {
	return call{
		fmt.Sprintf("prctl %d", a),
		func() (any, unix.Errno) {
			ret, e := raw(unix.SYS_PRCTL, a[:]...)
			if e != 0 {
				ret = 0
			}
			return ret, e
		},
		func(m *cred.Cred) (any, unix.Errno) {
			handled, ret, e := m.Prctl(int(a[0]), a[1], a[2], a[3], a[4])
			if !handled {
				return "not handled", e
			}
			return ret, e
		},
	}
}
