package cred

import "golang.org/x/sys/unix"

// CapSet is a set of capabilities: bit n is the unix.CAP_ value n.
type CapSet uint64

// AllCaps has every capability that the model knows (CAP_VALID_MASK).
const AllCaps CapSet = 1<<(unix.CAP_LAST_CAP+1) - 1

// fsCaps are the capabilities that follow the fsuid (CAP_FS_SET in
// kernel/capability.c).
const fsCaps CapSet = 1<<unix.CAP_CHOWN | 1<<unix.CAP_MKNOD |
	1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH |
	1<<unix.CAP_FOWNER | 1<<unix.CAP_FSETID |
	1<<unix.CAP_MAC_OVERRIDE | 1<<unix.CAP_LINUX_IMMUTABLE

// Caps makes a set of unix.CAP_ values.
func Caps(capabilities ...int) CapSet {
	var s CapSet
	for _, c := range capabilities {
		s |= 1 << c
	}
	return s
}

// Has tells whether the capability is in s.
func (s CapSet) Has(capability int) bool { return s>>uint(capability)&1 != 0 }

// SubsetOf tells whether t has all that s has.
func (s CapSet) SubsetOf(t CapSet) bool { return s&^t == 0 }

// validCap is cap_valid() for an argument of prctl(2).
func validCap(arg uintptr) bool { return arg <= unix.CAP_LAST_CAP }
