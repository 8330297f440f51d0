package arch

import "sort"

// call is one row of the generated table; a call that a CPU lacks is -1 there.
type call struct {
	name         string
	amd64, arm64 int16
}

var byNumber = func() (names [MaxNumber + 1]string) {
	for i := range calls {
		if nr := calls[i].here(); nr >= 0 {
			names[nr] = calls[i].name
		}
	}
	return names
}()

// Name is the kernel's name of a system call of this CPU, without prefix, as
// in its headers ("newfstatat", "umount2"). Empty for a number that the table
// does not know; numbers with X32Bit are never known.
func Name(nr int) string {
	if uint(nr) > MaxNumber {
		return ""
	}
	return byNumber[nr]
}

// Number is the inverse of Name. False for a call that this CPU does not have.
func Number(name string) (int, bool) {
	if c := find(name); c != nil && c.here() >= 0 {
		return c.here(), true
	}
	return -1, false
}

// NumberOn is Number for another CPU, named as in GOARCH. It is for tests and
// documents that speak of all CPUs.
func NumberOn(goarch, name string) (int, bool) {
	c := find(name)
	if c == nil {
		return -1, false
	}
	nr := -1
	switch goarch {
	case "amd64":
		nr = int(c.amd64)
	case "arm64":
		nr = int(c.arm64)
	}
	return nr, nr >= 0
}

// Names lists all calls of all CPUs in alphabetical order.
func Names() []string {
	names := make([]string, len(calls))
	for i := range calls {
		names[i] = calls[i].name
	}
	return names
}

func find(name string) *call {
	i := sort.Search(len(calls), func(i int) bool { return calls[i].name >= name })
	if i == len(calls) || calls[i].name != name {
		return nil
	}
	return &calls[i]
}
