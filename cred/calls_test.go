package cred_test

import (
	"fmt"
	"math/rand"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
)

// call is one system call, to be made of the kernel and of the model. Both
// give all that can be seen of the answer.
type call struct {
	name   string
	kernel func() (any, unix.Errno)
	model  func(c *cred.Cred) (any, unix.Errno)
}

// Few ids, so that they meet by chance.
var ids = []uint32{0, 5, 1000, 1001, 65534, ^uint32(0)}

func randID(r *rand.Rand) uint32 { return ids[r.Intn(len(ids))] }

func randGroups(r *rand.Rand) []uint32 {
	g := make([]uint32, r.Intn(5))
	for i := range g {
		if g[i] = randID(r); g[i] == ^uint32(0) && r.Intn(4) != 0 {
			g[i] = 7
		}
	}
	return g
}

func randCall(r *rand.Rand, now *cred.Cred) call {
	switch n := r.Intn(20); {
	case n < 8:
		return randSetID(r)
	case n < 10:
		return randSetFSID(r)
	case n < 12:
		return randGroupsCall(r)
	case n < 15:
		return randCapset(r, now)
	case n < 16:
		return randCapget(r)
	default:
		return randPrctl(r, now)
	}
}

func randSetID(r *rand.Rand) call {
	a, b, c := randID(r), randID(r), randID(r)
	set := func(name string, nr uintptr, model func(m *cred.Cred) unix.Errno, args ...uintptr) call {
		return call{
			fmt.Sprintf("%s %d", name, []uint32{a, b, c}[:len(args)]),
			func() (any, unix.Errno) { _, e := raw(nr, args...); return nil, e },
			func(m *cred.Cred) (any, unix.Errno) { return nil, model(m) },
		}
	}
	x, y, z := uintptr(a), uintptr(b), uintptr(c)
	switch r.Intn(6) {
	case 0:
		return set("setuid", unix.SYS_SETUID, func(m *cred.Cred) unix.Errno { return m.Setuid(a) }, x)
	case 1:
		return set("setgid", unix.SYS_SETGID, func(m *cred.Cred) unix.Errno { return m.Setgid(a) }, x)
	case 2:
		return set("setreuid", unix.SYS_SETREUID, func(m *cred.Cred) unix.Errno { return m.Setreuid(a, b) }, x, y)
	case 3:
		return set("setregid", unix.SYS_SETREGID, func(m *cred.Cred) unix.Errno { return m.Setregid(a, b) }, x, y)
	case 4:
		return set("setresuid", unix.SYS_SETRESUID, func(m *cred.Cred) unix.Errno { return m.Setresuid(a, b, c) }, x, y, z)
	default:
		return set("setresgid", unix.SYS_SETRESGID, func(m *cred.Cred) unix.Errno { return m.Setresgid(a, b, c) }, x, y, z)
	}
}

func randSetFSID(r *rand.Rand) call {
	id := randID(r)
	name, nr, model := "setfsuid", uintptr(unix.SYS_SETFSUID), (*cred.Cred).Setfsuid
	if r.Intn(2) == 0 {
		name, nr, model = "setfsgid", unix.SYS_SETFSGID, (*cred.Cred).Setfsgid
	}
	return call{
		fmt.Sprint(name, " ", id),
		func() (any, unix.Errno) { old, e := raw(nr, uintptr(id)); return uint32(old), e },
		func(m *cred.Cred) (any, unix.Errno) { return model(m, id), 0 },
	}
}

func randGroupsCall(r *rand.Rand) call {
	if r.Intn(2) == 0 {
		size := r.Intn(7) - 1
		return call{
			fmt.Sprint("getgroups ", size),
			func() (any, unix.Errno) {
				buf := make([]uint32, 8)
				n, e := rawGroups(unix.SYS_GETGROUPS, uintptr(size), buf)
				if e != 0 || size == 0 {
					return fmt.Sprint(max(0, int(n)*b2i(e == 0))), e
				}
				return fmt.Sprint(n, buf[:n]), e
			},
			func(m *cred.Cred) (any, unix.Errno) {
				n, list, e := m.Getgroups(size)
				if e != 0 || size == 0 {
					return fmt.Sprint(n), e
				}
				return fmt.Sprint(n, list), e
			},
		}
	}
	g := randGroups(r)
	if r.Intn(20) == 0 {
		return call{
			"setgroups of a negative size",
			func() (any, unix.Errno) { _, e := rawGroups(unix.SYS_SETGROUPS, ^uintptr(0), nil); return nil, e },
			func(m *cred.Cred) (any, unix.Errno) { return nil, m.MaySetgroups(-1) },
		}
	}
	return call{
		fmt.Sprint("setgroups ", g),
		func() (any, unix.Errno) { _, e := rawGroups(unix.SYS_SETGROUPS, uintptr(len(g)), g); return nil, e },
		func(m *cred.Cred) (any, unix.Errno) { return nil, m.Setgroups(g) },
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
