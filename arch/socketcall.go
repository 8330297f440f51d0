package arch

// A Subcall is one of the calls that socketcall(2) of the 32-bit table spells.
type Subcall struct {
	Cmd   uint64 // its first argument
	Nr    int    // number of the call itself
	NArgs int    // words of arguments, where the second one points to
}

// subcalls are the numbers of include/uapi/linux/net.h. Some are a call with more
// arguments, which then are 0: accept an accept4, send and recv those with an
// address.
var subcalls = [...]struct {
	name  string
	nargs int
}{
	1: {"socket", 3}, 2: {"bind", 3}, 3: {"connect", 3}, 4: {"listen", 2}, 5: {"accept4", 3},
	6: {"getsockname", 3}, 7: {"getpeername", 3}, 8: {"socketpair", 4},
	9: {"sendto", 4}, 10: {"recvfrom", 4}, 11: {"sendto", 6}, 12: {"recvfrom", 6}, 13: {"shutdown", 2},
	14: {"setsockopt", 5}, 15: {"getsockopt", 5}, 16: {"sendmsg", 3}, 17: {"recvmsg", 3}, 18: {"accept4", 4},
	19: {"recvmmsg", 5}, 20: {"sendmmsg", 4},
}

// Subcalls are all that there are on this CPU.
func Subcalls() []Subcall {
	var all []Subcall
	for cmd := range subcalls {
		if s, ok := SubcallOf(uint64(cmd)); ok {
			all = append(all, s)
		}
	}
	return all
}

// SubcallOf is what a first argument of socketcall(2) spells.
func SubcallOf(cmd uint64) (s Subcall, ok bool) {
	if cmd >= uint64(len(subcalls)) {
		return s, false
	}
	c := subcalls[cmd]
	nr, ok := CompatNumber(c.name) // "" is none
	return Subcall{Cmd: cmd, Nr: nr, NArgs: c.nargs}, ok
}
