package cred_test

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/vfs"
)

func attr(mode uint16, uid, gid uint32) *vfs.Attr {
	a := &vfs.Attr{}
	a.Mode, a.Uid, a.Gid = mode, uid, gid
	return a
}

func TestMayRules(t *testing.T) {
	root, user := cred.Root(), cred.User(1000, 1000, []uint32{50})
	reader := cred.User(1000, 1000, nil)
	reader.Effective = cred.Caps(unix.CAP_DAC_READ_SEARCH)
	const r, w, x = unix.R_OK, unix.W_OK, unix.X_OK
	for _, tc := range []struct {
		name string
		by   *cred.Cred
		a    *vfs.Attr
		mask uint32
		want error
	}{
		{"root reads mode 000", root, attr(unix.S_IFREG, 5, 5), r | w, nil},
		{"root does not execute it", root, attr(unix.S_IFREG|0o666, 5, 5), x, unix.EACCES},
		{"root executes what somebody may", root, attr(unix.S_IFREG|0o001, 5, 5), x, nil},
		{"root searches a directory of mode 000", root, attr(unix.S_IFDIR, 5, 5), r | w | x, nil},
		{"user and root's 0600", user, attr(unix.S_IFREG|0o600, 0, 0), r, unix.EACCES},
		{"the owner's bits, not the group's", user, attr(unix.S_IFREG|0o077, 1000, 1000), r, unix.EACCES},
		{"the group's bits, not the others'", user, attr(unix.S_IFREG|0o707, 0, 50), r, unix.EACCES},
		{"supplementary group", user, attr(unix.S_IFREG|0o040, 0, 50), r, nil},
		{"read search: file", reader, attr(unix.S_IFREG, 0, 0), r, nil},
		{"read search: write", reader, attr(unix.S_IFREG, 0, 0), r | w, unix.EACCES},
		{"read search: directory", reader, attr(unix.S_IFDIR, 0, 0), r | x, nil},
		{"existence", user, attr(unix.S_IFREG, 0, 0), 0, nil},
	} {
		if got := tc.by.May(tc.a, tc.mask); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestImmutable(t *testing.T) {
	a := attr(unix.S_IFREG|0o666, 0, 0)
	a.Attributes = unix.STATX_ATTR_IMMUTABLE
	root, dir := cred.Root(), attr(unix.S_IFDIR|0o755, 0, 0)
	for name, err := range map[string]error{
		"write":  root.May(a, unix.W_OK),
		"chmod":  root.MayChmod(a),
		"chown":  root.MayChown(a, 1, 1),
		"times":  root.MaySetTimes(a, false),
		"unlink": root.MayDelete(dir, a, false),
		"link":   root.MayLink(a, dir, false),
		"xattr":  root.MaySetXattr(a, "user.x"),
	} {
		if err != unix.EPERM {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := root.MayChown(a, ^uint32(0), ^uint32(0)); err != nil {
		t.Errorf("chown of nothing: %v", err)
	}
}

// A chown into a group that c is not of takes S_ISGID, if it takes S_ISUID too.
func TestChownIntoForeignGroup(t *testing.T) {
	c := cred.User(1000, 1000, nil)
	c.Effective = cred.Caps(unix.CAP_CHOWN)
	for mode, want := range map[uint16]uint32{0o6644: 0o644, 0o2644: 0o2644} {
		if got := c.ChownMode(attr(unix.S_IFREG|mode, 1000, 1000), 7); got != want {
			t.Errorf("%o: %o, want %o", mode, got, want)
		}
	}
}

func TestProtectedLinks(t *testing.T) {
	user, tmp := cred.User(1000, 1000, nil), attr(unix.S_IFDIR|0o1777, 0, 0)
	foreign := attr(unix.S_IFREG|0o644, 0, 0)
	if err := user.MayLink(foreign, tmp, true); err != unix.EPERM {
		t.Errorf("protected link: %v", err)
	}
	if err := user.MayLink(foreign, tmp, false); err != nil {
		t.Errorf("link: %v", err)
	}
	for mode, want := range map[uint16]error{0o666: nil, 0o2666: nil, 0o2676: unix.EPERM, 0o4666: unix.EPERM} {
		if err := user.MayLink(attr(unix.S_IFREG|mode, 0, 0), tmp, true); err != want {
			t.Errorf("protected link of %o: %v", mode, err)
		}
	}
	link := attr(unix.S_IFLNK|0o777, 1001, 1001)
	if err := user.MayFollowLink(tmp, link, true); err != unix.EACCES {
		t.Errorf("protected symbolic link: %v", err)
	}
	if err := user.MayFollowLink(tmp, link, false); err != nil {
		t.Errorf("symbolic link: %v", err)
	}
	fifo := attr(unix.S_IFIFO|0o666, 1001, 1001)
	if err := user.MayCreateInSticky(tmp, fifo, 1, 0); err != unix.EACCES {
		t.Errorf("protected pipe: %v", err)
	}
	if err := user.MayCreateInSticky(tmp, fifo, 0, 2); err != nil {
		t.Errorf("pipe: %v", err)
	}
}

func FuzzACL(f *testing.F) {
	f.Add([]byte{2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 0x20, 0, 4, 0, 255, 255, 255, 255}, uint32(4))
	f.Add([]byte{2, 0, 0, 0}, uint32(2))
	f.Add([]byte{1, 2, 3}, uint32(1))
	c := cred.User(1000, 1000, nil)
	f.Fuzz(func(t *testing.T, acl []byte, mask uint32) {
		owned := attr(unix.S_IFREG|0o700, 1000, 0)
		if err := c.MayACL(owned, acl, mask); err != nil {
			t.Errorf("the ACL bars the owner: %v", err)
		}
		_ = c.MayACL(attr(unix.S_IFREG|0o777, 0, 0), acl, mask)
	})
}
