package arch

import "sort"

// call is one row of the generated table; a call that a CPU lacks is -1 there.
type call struct {
	name               string
	amd64, arm64, i386 int16
}

// Compat is added to the numbers of the 32-bit table of this CPU, which is
// another: so that one number says which call of which table is meant. What the
// kernel has in its place is Raw.
const Compat = 1 << 12

// MaxCompat is the greatest number of that table, Compat added.
const MaxCompat = Compat + maxCompat

var byNumber = func() (names [MaxCompat + 1]string) {
	for i := range calls {
		if nr := calls[i].here(); nr >= 0 {
			names[nr] = calls[i].name
		}
		if nr := calls[i].compat(); nr >= 0 {
			names[Compat+nr] = calls[i].name
		}
	}
	return names
}()

// HasCompat: this CPU has a table of 32-bit calls that is known.
const HasCompat = maxCompat >= 0

// IsCompat tells a number of the 32-bit table.
func IsCompat(nr int) bool { return nr >= Compat && nr <= MaxCompat }

// Raw is a number as the kernel has it.
func Raw(nr int) int {
	if nr >= Compat {
		return nr - Compat
	}
	return nr
}

// NumberFor makes a number of what the kernel tells of a call: the number in the
// table of an architecture (AUDIT_ARCH_).
func NumberFor(raw int, audit uint32) int {
	if audit == CompatAuditArch && raw >= 0 {
		return Compat + raw
	}
	return raw
}

// CompatNumber is the number of a 32-bit call, Compat added. False for one that
// there is none of.
func CompatNumber(name string) (int, bool) {
	if c := find(name); c != nil && c.compat() >= 0 {
		return Compat + c.compat(), true
	}
	return -1, false
}

// Twin is the number, in the table of this CPU, of the call that bears the same
// name as a 32-bit one; any other number is its own. -1: there is none.
func Twin(nr int) int {
	if !IsCompat(nr) {
		return nr
	}
	twin, _ := Number(byNumber[nr])
	return twin
}

// compatTwin is the inverse: the 32-bit call that does what one of this CPU's
// table does, by arguments in the same order.
func compatTwin(nr int) int {
	name := Name(nr)
	if name == "mmap" {
		name = "mmap2" // but that the offset counts in pages
	}
	n, _ := CompatNumber(name)
	return n
}

// Name is the kernel's name of a system call of this CPU, without prefix, as
// in its headers ("newfstatat", "umount2"). Empty for a number that the tables
// do not know; numbers with X32Bit are never known.
func Name(nr int) string {
	if uint(nr) > MaxCompat {
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

// NumberOn is Number for another CPU, named as in GOARCH; 386 is the 32-bit table
// of amd64. It is for tests and
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
	case "386":
		nr = int(c.i386)
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
