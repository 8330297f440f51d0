package review

import (
	"os"
	"strings"
	"testing"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

// asFakeRoot turns a session into one of an ordinary user who seemed to be root.
func (e *env) asFakeRoot() {
	e.t.Helper()
	check(e.t, e.s.Update(func(m *session.Meta) {
		m.Native = false
		m.Identity = session.Identity{RealUID: testUID, RealGID: testUID}
	}))
	if os.Geteuid() == 0 {
		check(e.t, chownAll(e.upper, testUID))
	}
}

func chownAll(dir string, uid int) error {
	entries, err := os.ReadDir(dir)
	for _, d := range entries {
		p := dir + "/" + d.Name()
		if err := os.Lchown(p, uid, uid); err != nil {
			return err
		}
		if d.IsDir() {
			if err := chownAll(p, uid); err != nil {
				return err
			}
		}
	}
	return err
}

func (e *env) settle(p string, mode uint32, uid, gid uint32) {
	e.t.Helper()
	own, err := owners(e.s)
	check(e.t, err)
	check(e.t, own.SettlePath(p, owner.Inode{Mode: mode, Owner: vfs.Owner{UID: uid, GID: gid}}))
}

var fakeRoot = scenario{
	below: func(l tree) {
		l.file("system/kept", "x")
		l.file("system/changed", "x")
		l.file("home/mine", "x")
		if os.Geteuid() == 0 {
			l.ok(chownAll(l.at("home"), testUID))
			l.ok(os.Chown(l.at("home"), testUID, testUID))
		}
	},
	edit: func(e *env, u tree) {
		u.file("home/new", "1")
		u.file("system/new", "1")
		e.copyUp(u, "home/mine")
		u.append("home/mine", "1")
		e.copyUp(u, "system/kept")
		u.append("system/kept", "1")
		u.file("system/daemon", "1")
		u.file("system/set", "1")
		e.asFakeRoot()
		e.settle(u.at("system/daemon"), unix.S_IFREG|0o600, 33, 34)
		e.settle(u.at("system/set"), unix.S_IFREG|0o4755, 0, 0)
	},
}

func TestOwnersAsRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		return // the other half of TestMain has it
	}
	e := newEnv(t, fakeRoot)
	_, err := Commit(e.s, nil, Options{})
	check(t, err)
	for p, want := range map[string][3]uint32{
		"home/new":      {testUID, testUID, 0o644},
		"home/mine":     {testUID, testUID, 0o644},
		"system/new":    {0, 0, 0o644},
		"system/kept":   {0, 0, 0o644},
		"system/daemon": {33, 34, 0o600},
		"system/set":    {0, 0, 0o4755},
	} {
		a, err := vfs.HostLstat(e.lower + "/" + p)
		check(t, err)
		if got := [3]uint32{a.Uid, a.Gid, a.Perm()}; got != want {
			t.Errorf("%s: %v, want %v", p, got, want)
		}
		xs, err := listxattr(e.lower + "/" + p)
		check(t, err)
		if len(xs) > 0 {
			t.Errorf("%s: %v", p, xs)
		}
	}
}

func TestOwnersAsUser(t *testing.T) {
	if os.Geteuid() == 0 {
		return // the other half of TestMain has it
	}
	e := newEnv(t, fakeRoot)
	before := snapshot(t, e.lower)
	_, err := Commit(e.s, nil, Options{})
	if err == nil || !strings.Contains(err.Error(), "system/daemon wants 33:34") || !strings.Contains(err.Error(), "--no-owner") {
		t.Fatalf("err = %v", err)
	}
	equal(t, "untouched", snapshot(t, e.lower), before)
	_, err = Commit(e.s, []string{e.lower + "/home"}, Options{})
	check(t, err)
	_, err = Commit(e.s, nil, Options{NoOwner: true})
	check(t, err)
	a, err := vfs.HostLstat(e.lower + "/system/daemon")
	check(t, err)
	if a.Uid != testUID || a.Perm() != 0o600 {
		t.Errorf("daemon: %d %o", a.Uid, a.Perm())
	}
}

// TestUserCantChangeTheSystem: /etc is root's.
func TestUserCantChangeTheSystem(t *testing.T) {
	if os.Geteuid() == 0 {
		return
	}
	e := newEnv(t, scenario{below: func(tree) {}, edit: func(e *env, u tree) { u.file("veduta-test-new", "1") }})
	check(t, e.s.Update(func(m *session.Meta) { m.Below = map[string]string{"/view": "/etc"} }))
	_, err := Commit(e.s, nil, Options{})
	if err == nil || !strings.Contains(err.Error(), "run as root") {
		t.Fatalf("err = %v", err)
	}
}

func TestDevices(t *testing.T) {
	e := newEnv(t, scenario{below: func(tree) {}, edit: func(e *env, u tree) { u.file("null", "") }})
	if os.Geteuid() != 0 {
		own, err := owners(e.s)
		check(t, err)
		check(t, own.SettlePath(e.upper+"/null", owner.Inode{
			Mode: unix.S_IFCHR | 0o666, Owner: vfs.Owner{UID: testUID, GID: testUID}, Rdev: unix.Mkdev(1, 3),
		}))
		_, err = Commit(e.s, nil, Options{})
		if err == nil || !strings.Contains(err.Error(), "devices") {
			t.Fatalf("err = %v", err)
		}
		return
	}
	check(t, os.Remove(e.upper+"/null"))
	check(t, unix.Mknod(e.upper+"/null", unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))))
	_, err := Commit(e.s, nil, Options{})
	check(t, err)
	a, err := vfs.HostLstat(e.lower + "/null")
	check(t, err)
	if a.Kind() != unix.S_IFCHR || a.Rdev() != unix.Mkdev(1, 3) {
		t.Errorf("%o %d", a.Mode, a.Rdev())
	}
}
