package cred_test

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
)

func TestExecRules(t *testing.T) {
	user := func() *cred.Cred { return cred.User(1000, 1000, nil) }
	nnp := user()
	nnp.NoNewPrivs = true
	netRaw := cred.Caps(unix.CAP_NET_RAW)
	ambient := user()
	ambient.Permitted, ambient.Inheritable, ambient.Ambient = netRaw, netRaw, netRaw
	bounded := user()
	bounded.Bounding = 0
	noroot := cred.Root()
	noroot.Securebits = cred.SECBIT_NOROOT | cred.SECBIT_KEEP_CAPS

	plain := cred.FileID{Mode: unix.S_IFREG | 0o755}
	setuid := cred.FileID{Mode: unix.S_IFREG | unix.S_ISUID | 0o755}
	ping := cred.FileID{Mode: unix.S_IFREG | 0o755, Caps: &cred.VFSCaps{Revision: 2, Permitted: netRaw, Effective: true}}
	foreign := ping
	foreign.Caps = &cred.VFSCaps{Revision: 3, Permitted: netRaw, Effective: true, RootID: 1000}
	nosuid := setuid
	nosuid.NoSuid = true
	sgidNoExec := cred.FileID{Mode: unix.S_IFREG | unix.S_ISGID | 0o745, GID: 7}

	for _, tc := range []struct {
		name      string
		by        *cred.Cred
		file      cred.FileID
		ids       string
		effective cred.CapSet
		secure    bool
		dumpable  int
		want      unix.Errno
	}{
		{"plain", user(), plain, "1000 1000 1000 1000", 0, false, 1, 0},
		{"set-user-id root", user(), setuid, "1000 0 0 0", cred.AllCaps, true, 0, 0},
		{"nosuid", user(), nosuid, "1000 1000 1000 1000", 0, false, 1, 0},
		{"no new privileges", nnp, setuid, "1000 1000 1000 1000", 0, false, 1, 0},
		{"file capabilities", user(), ping, "1000 1000 1000 1000", netRaw, true, 0, 0},
		{"of a foreign namespace", user(), foreign, "1000 1000 1000 1000", 0, false, 1, 0},
		{"file capabilities, no new privileges", nnp, ping, "1000 1000 1000 1000", 0, true, 1, 0},
		{"out of bounds", bounded, ping, "", 0, false, 0, unix.EPERM},
		{"ambient", ambient, plain, "1000 1000 1000 1000", netRaw, false, 1, 0},
		{"ambient lost by set-user-id", ambient, cred.FileID{Mode: unix.S_ISUID | 0o755, UID: 5}, "1000 5 5 5", 0, true, 0, 0},
		{"root", cred.Root(), plain, "0 0 0 0", cred.AllCaps, false, 1, 0},
		{"root without privilege", noroot, plain, "0 0 0 0", 0, false, 1, 0},
		{"set-group-id without group execution", user(), sgidNoExec, "1000 1000 1000 1000", 0, false, 1, 0},
		{"unreadable", user(), cred.FileID{Mode: 0o711}, "1000 1000 1000 1000", 0, false, 0, 0},
	} {
		before := *tc.by
		c, secure, e := tc.by.Exec(tc.file)
		if e != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, e, tc.want)
		}
		if tc.by.Effective != before.Effective || uids(tc.by) != uids(&before) {
			t.Errorf("%s: changed the caller", tc.name)
		}
		if e != 0 {
			continue
		}
		if uids(c) != tc.ids || c.Effective != tc.effective || secure != tc.secure || c.Dumpable != tc.dumpable {
			t.Errorf("%s: %s %s secure=%v dumpable=%d", tc.name, uids(c), c.Effective, secure, c.Dumpable)
		}
		if c.Securebits&cred.SECBIT_KEEP_CAPS != 0 {
			t.Errorf("%s: KEEP_CAPS survived", tc.name)
		}
	}
}

// A tracer without CAP_SYS_PTRACE keeps a set-id program from gaining.
func TestExecUnsafe(t *testing.T) {
	file := cred.FileID{Mode: unix.S_IFREG | unix.S_ISUID | 0o755, Unsafe: true}
	c, _, e := cred.User(1000, 1000, nil).Exec(file)
	if e != 0 || uids(c) != "1000 1000 1000 1000" || c.Permitted != 0 {
		t.Errorf("%v %+v", e, c)
	}
}

func FuzzVFSCaps(f *testing.F) {
	for _, v := range []cred.VFSCaps{
		{Revision: 1, Permitted: 1},
		{Revision: 2, Permitted: cred.AllCaps, Effective: true},
		{Revision: 3, Inheritable: 1 << 40, RootID: 1000},
	} {
		f.Add(v.Bytes())
	}
	f.Add([]byte{0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := cred.ParseVFSCaps(b)
		if err != nil {
			return
		}
		again, err := cred.ParseVFSCaps(v.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if again.Revision = v.Revision; *again != *v { // 3 may be told as 2
			t.Errorf("%+v became %+v", *v, *again)
		}
		if cred.ValidVFSCaps(b) == nil && v.Revision == 1 {
			t.Error("revision 1 cannot be set")
		}
	})
}
