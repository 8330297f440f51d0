package cred_test

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
)

// uids shows the user ids as credentials(7) names them: real, effective,
// saved, file system.
func uids(c *cred.Cred) string { return fmt.Sprint(c.UID, c.EUID, c.SUID, c.FSUID) }

func TestSetuidRules(t *testing.T) {
	root := cred.Root
	user := func() *cred.Cred { return cred.User(1000, 1000, nil) }
	// A set-user-id program of user 5 that 1000 runs.
	setuid := func() *cred.Cred {
		c := user()
		c.EUID, c.SUID, c.FSUID = 5, 5, 5
		return c
	}
	const leave = ^uint32(0)
	for _, tc := range []struct {
		name string
		from *cred.Cred
		call func(c *cred.Cred) unix.Errno
		want unix.Errno
		ids  string
	}{
		{"root sets all", root(), func(c *cred.Cred) unix.Errno { return c.Setuid(1000) }, 0, "1000 1000 1000 1000"},
		{"-1 is no id", root(), func(c *cred.Cred) unix.Errno { return c.Setuid(leave) }, unix.EINVAL, "0 0 0 0"},
		{"a user stays", user(), func(c *cred.Cred) unix.Errno { return c.Setuid(0) }, unix.EPERM, "1000 1000 1000 1000"},
		{"back to the real id, saved kept", setuid(), func(c *cred.Cred) unix.Errno { return c.Setuid(1000) }, 0, "1000 1000 5 1000"},
		{"swap", setuid(), func(c *cred.Cred) unix.Errno { return c.Setreuid(5, 1000) }, 0, "5 1000 1000 1000"},
		{"effective to real: saved kept", setuid(), func(c *cred.Cred) unix.Errno { return c.Setreuid(leave, 1000) }, 0, "1000 1000 5 1000"},
		{"setreuid does not take the saved id as real", func() *cred.Cred { c := setuid(); c.EUID = 1000; return c }(),
			func(c *cred.Cred) unix.Errno { return c.Setreuid(5, leave) }, unix.EPERM, "1000 1000 5 5"},
		{"nothing asked of setresuid leaves the fsuid", func() *cred.Cred { c := setuid(); c.FSUID = 1000; return c }(),
			func(c *cred.Cred) unix.Errno { return c.Setresuid(leave, leave, leave) }, 0, "1000 5 5 1000"},
		{"setresuid pulls the fsuid", func() *cred.Cred { c := setuid(); c.FSUID = 1000; return c }(),
			func(c *cred.Cred) unix.Errno { return c.Setresuid(leave, 5, leave) }, 0, "1000 5 5 5"},
		{"one strange id refuses all", setuid(), func(c *cred.Cred) unix.Errno { return c.Setresuid(5, 5, 6) }, unix.EPERM, "1000 5 5 5"},
	} {
		if got := tc.call(tc.from); got != tc.want || uids(tc.from) != tc.ids {
			t.Errorf("%s: %v, %s; want %v, %s", tc.name, got, uids(tc.from), tc.want, tc.ids)
		}
	}
}

// TestUserChangeDropsCaps is "Effect of user ID changes on capabilities" of
// capabilities(7).
func TestUserChangeDropsCaps(t *testing.T) {
	for _, tc := range []struct {
		name              string
		securebits        uint32
		call              func(c *cred.Cred)
		permitted, effect cred.CapSet
	}{
		{"all ids leave root", 0, func(c *cred.Cred) { c.Setuid(1) }, 0, 0},
		{"the effective id leaves root", 0, func(c *cred.Cred) { c.Setresuid(0, 1, 0) }, cred.AllCaps, 0},
		{"and comes back", 0, func(c *cred.Cred) { c.Setresuid(0, 1, 0); c.Setresuid(0, 0, 0) }, cred.AllCaps, cred.AllCaps},
		{"keep caps", cred.SECBIT_KEEP_CAPS, func(c *cred.Cred) { c.Setuid(1) }, cred.AllCaps, 0},
		{"no fixup", cred.SECBIT_NO_SETUID_FIXUP, func(c *cred.Cred) { c.Setuid(1) }, cred.AllCaps, cred.AllCaps},
	} {
		c := cred.Root()
		c.Securebits = tc.securebits
		tc.call(c)
		if c.Permitted != tc.permitted || c.Effective != tc.effect {
			t.Errorf("%s: permitted %s, effective %s", tc.name, c.Permitted, c.Effective)
		}
	}
}

func TestFSUIDMovesFileCaps(t *testing.T) {
	c := cred.Root()
	if old := c.Setfsuid(1000); old != 0 || c.Capable(unix.CAP_DAC_OVERRIDE) || !c.Capable(unix.CAP_SYS_ADMIN) {
		t.Errorf("old %d, effective %s", old, c.Effective)
	}
	if old := c.Setfsuid(0); old != 1000 || c.Effective != cred.AllCaps {
		t.Errorf("old %d, effective %s", old, c.Effective)
	}
}

func TestGroups(t *testing.T) {
	c := cred.Root()
	given := []uint32{30, 10, 20, 10}
	if e := c.Setgroups(given); e != 0 {
		t.Fatal(e)
	}
	given[0] = 1 // the caller's own again
	n, list, e := c.Getgroups(4)
	if want := []uint32{10, 10, 20, 30}; n != 4 || e != 0 || !slices.Equal(list, want) {
		t.Errorf("%d %d %v, want %d", n, list, e, want)
	}
	if _, _, e := c.Getgroups(3); e != unix.EINVAL {
		t.Errorf("too small: %v", e)
	}
	if e := c.Setgroups([]uint32{^uint32(0)}); e != unix.EINVAL {
		t.Errorf("group -1: %v", e)
	}
	if e := cred.User(1, 1, nil).Setgroups(nil); e != unix.EPERM {
		t.Errorf("user: %v", e)
	}
}

func TestCloneIsApart(t *testing.T) {
	c := cred.User(1, 1, []uint32{3})
	n := c.Clone()
	n.Effective = cred.AllCaps
	n.Setgroups([]uint32{4})
	n.Setuid(2)
	if uids(c) != "1 1 1 1" || c.Groups[0] != 3 || c.Effective != 0 {
		t.Errorf("%+v", *c)
	}
}
