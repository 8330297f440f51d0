package cred

import (
	"fmt"
	"strings"
)

// StatusKeys are the keys of the lines in /proc/PID/status that tell of
// credentials, in the order of the file.
var StatusKeys = []string{"Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs"}

// StatusLine gives the line of /proc/PID/status with the key, without its
// newline; false if the line is not about credentials (fs/proc/array.c).
func (c *Cred) StatusLine(key string) (string, bool) {
	var value string
	switch key {
	case "Uid":
		value = fmt.Sprintf("%d\t%d\t%d\t%d", c.UID, c.EUID, c.SUID, c.FSUID)
	case "Gid":
		value = fmt.Sprintf("%d\t%d\t%d\t%d", c.GID, c.EGID, c.SGID, c.FSGID)
	case "Groups":
		value = c.statusGroups()
	case "CapInh":
		value = c.Inheritable.String()
	case "CapPrm":
		value = c.Permitted.String()
	case "CapEff":
		value = c.Effective.String()
	case "CapBnd":
		value = c.Bounding.String()
	case "CapAmb":
		value = c.Ambient.String()
	case "NoNewPrivs":
		value = fmt.Sprint(flag(c.NoNewPrivs))
	default:
		return "", false
	}
	return key + ":\t" + value, true
}

// statusGroups ends in a space, also for no groups at all.
func (c *Cred) statusGroups() string {
	return strings.Trim(fmt.Sprint(c.Groups), "[]") + " "
}

// String is the set as /proc/PID/status shows it: 16 hexadecimal digits.
func (s CapSet) String() string { return fmt.Sprintf("%016x", uint64(s)) }
