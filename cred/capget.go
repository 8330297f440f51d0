package cred

import "golang.org/x/sys/unix"

// CapWords is the check of the header that capget(2) and capset(2) begin
// with: how many elements the data has. If EINVAL, the version in hdr was
// changed to the preferred one, and has to be written to the guest; a capget
// without data is then a success. The pid of the header is the caller's
// matter: for capget EINVAL if negative and ESRCH if unknown, for capset EPERM
// if it is neither 0 nor the thread itself.
func CapWords(hdr *unix.CapUserHeader) (int, unix.Errno) {
	switch hdr.Version {
	case unix.LINUX_CAPABILITY_VERSION_1:
		return 1, 0
	case unix.LINUX_CAPABILITY_VERSION_2, unix.LINUX_CAPABILITY_VERSION_3:
		return 2, 0
	}
	hdr.Version = unix.LINUX_CAPABILITY_VERSION_3
	return 0, unix.EINVAL
}

// Capget is capget(2) about c. Version 1 shows the lower 32 capabilities.
// EINVAL, see CapWords.
func (c *Cred) Capget(hdr *unix.CapUserHeader) ([]unix.CapUserData, unix.Errno) {
	words, e := CapWords(hdr)
	if e != 0 {
		return nil, e
	}
	data := make([]unix.CapUserData, words)
	for i := range data {
		data[i] = unix.CapUserData{
			Effective:   uint32(c.Effective >> (32 * i)),
			Permitted:   uint32(c.Permitted >> (32 * i)),
			Inheritable: uint32(c.Inheritable >> (32 * i)),
		}
	}
	return data, 0
}

// Capset is capset(2) by c on itself. data has as many elements as CapWords
// says. EINVAL, EPERM.
func (c *Cred) Capset(hdr *unix.CapUserHeader, data []unix.CapUserData) unix.Errno {
	words, e := CapWords(hdr)
	if e != 0 {
		return e
	}
	if len(data) < words {
		return unix.EFAULT
	}
	var eff, perm, inh CapSet
	for i, d := range data[:words] {
		eff |= CapSet(d.Effective) << (32 * i)
		perm |= CapSet(d.Permitted) << (32 * i)
		inh |= CapSet(d.Inheritable) << (32 * i)
	}
	return c.setCaps(eff&AllCaps, perm&AllCaps, inh&AllCaps)
}

// setCaps is cap_capset of security/commoncap.c.
func (c *Cred) setCaps(eff, perm, inh CapSet) unix.Errno {
	switch {
	case !c.Capable(unix.CAP_SETPCAP) && !inh.SubsetOf(c.Inheritable|c.Permitted),
		!inh.SubsetOf(c.Inheritable | c.Bounding),
		!perm.SubsetOf(c.Permitted),
		!eff.SubsetOf(perm):
		return unix.EPERM
	}
	return c.change(func(n *Cred) unix.Errno {
		n.Effective, n.Permitted, n.Inheritable = eff, perm, inh
		n.Ambient &= perm & inh
		return 0
	})
}
