package cred

// fixupSetuid adjusts the capabilities of c after setuid, setreuid or
// setresuid changed its ids from those of old (cap_emulate_setxuid in
// security/commoncap.c; "Effect of user ID changes on capabilities" in
// capabilities(7)).
func (c *Cred) fixupSetuid(old *Cred) {
	if old.secure(SECBIT_NO_SETUID_FIXUP) {
		return
	}
	if old.anyRoot() && !c.anyRoot() {
		if !old.secure(SECBIT_KEEP_CAPS) {
			c.Permitted, c.Effective = 0, 0
		}
		// Not spared by KEEP_CAPS: programs older than ambient sets count
		// on an exec after setresuid to drop everything.
		c.Ambient = 0
	}
	switch {
	case old.EUID == 0 && c.EUID != 0:
		c.Effective = 0
	case old.EUID != 0 && c.EUID == 0:
		c.Effective = c.Permitted
	}
}

// fixupSetfsuid does the same for setfsuid, which touches only the
// capabilities that files are about.
func (c *Cred) fixupSetfsuid(old *Cred) {
	if old.secure(SECBIT_NO_SETUID_FIXUP) {
		return
	}
	switch {
	case old.FSUID == 0 && c.FSUID != 0:
		c.Effective &^= fsCaps
	case old.FSUID != 0 && c.FSUID == 0:
		c.Effective |= fsCaps & c.Permitted
	}
}

func (c *Cred) anyRoot() bool { return c.UID == 0 || c.EUID == 0 || c.SUID == 0 }
