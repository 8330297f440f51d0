package main

import (
	"fmt"
	"os/user"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
)

// identity is who the first guest is; nil leaves the ids to the kernel.
func (f *viewFlags) identity(cow bool) (*cred.Cred, error) {
	switch {
	case f.user != "":
		return lookUser(f.user)
	case f.root:
		return cred.Root(), nil
	case cow && unix.Geteuid() == 0:
		// Were root's guests to change ids for real, they would lose the way
		// into their own layer.
		return cred.Root(), nil
	}
	return nil, nil
}

// lookUser reads USER[:GROUP], names or numbers.
func lookUser(spec string) (*cred.Cred, error) {
	name, group, hasGroup := strings.Cut(spec, ":")
	var uid, gid uint32
	var groups []uint32
	u, err := user.Lookup(name)
	if n, e := strconv.ParseUint(name, 10, 32); e == nil {
		uid = uint32(n)
		if u, err = user.LookupId(name); err != nil {
			u = nil
		}
	} else if err != nil {
		return nil, fmt.Errorf("user %s: not in /etc/passwd; give a number", name)
	}
	if u != nil {
		uid, gid = number(u.Uid), number(u.Gid)
		if ids, err := u.GroupIds(); err == nil {
			for _, id := range ids {
				groups = append(groups, number(id))
			}
		}
	}
	if hasGroup {
		groups = nil
		if n, err := strconv.ParseUint(group, 10, 32); err == nil {
			gid = uint32(n)
		} else if g, err := user.LookupGroup(group); err == nil {
			gid = number(g.Gid)
		} else {
			return nil, fmt.Errorf("group %s: not in /etc/group; give a number", group)
		}
	}
	if uid == 0 {
		c := cred.Root()
		c.GID, c.EGID, c.SGID, c.FSGID, c.Groups = gid, gid, gid, gid, groups
		return c, nil
	}
	return cred.User(uid, gid, groups), nil
}

func number(s string) uint32 {
	n, _ := strconv.ParseUint(s, 10, 32)
	return uint32(n)
}
