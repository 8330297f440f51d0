package cred

// WithRealIDs gives the credentials that access(2), and faccessat2(2) without
// AT_EACCESS, check with: a copy of c that acts by its real ids, with the
// capabilities that a set-user-id program's caller would have
// (access_override_creds in fs/open.c); c itself where that is the same.
func (c *Cred) WithRealIDs() *Cred {
	effective := c.Effective
	if !c.secure(SECBIT_NO_SETUID_FIXUP) {
		effective = 0
		if c.UID == 0 {
			effective = c.Permitted
		}
	}
	if c.FSUID == c.UID && c.FSGID == c.GID && c.Effective == effective {
		return c
	}
	n := c.Clone()
	n.FSUID, n.FSGID, n.Effective = n.UID, n.GID, effective
	return n
}
