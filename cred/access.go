package cred

// WithRealIDs gives the credentials that access(2), and faccessat2(2) without
// AT_EACCESS, check with: a copy of c that acts by its real ids, with the
// capabilities that a set-user-id program's caller would have
// (access_override_creds in fs/open.c).
func (c *Cred) WithRealIDs() *Cred {
	n := c.Clone()
	n.FSUID, n.FSGID = n.UID, n.GID
	if !n.secure(SECBIT_NO_SETUID_FIXUP) {
		n.Effective = 0
		if n.UID == 0 {
			n.Effective = n.Permitted
		}
	}
	return n
}
