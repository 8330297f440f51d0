package main

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/veduta/veduta/session"
)

func TestChooseTarget(t *testing.T) {
	list := []session.Info{{Meta: session.Meta{Name: "web"}}, {Meta: session.Meta{Name: "etc"}}}
	for _, c := range []struct{ args, name, paths string }{
		{"", "", ""},
		{"web", "web", ""},
		{"web /etc", "web", "/etc"},
		{"web web", "web", "web"},
		{"/etc", "", "/etc"},
		{"etc", "etc", ""},
		{"./etc", "", "./etc"},
		{"mail /etc", "", "mail /etc"},
	} {
		got := chooseTarget(list, strings.Fields(c.args))
		if got.name != c.name || !slices.Equal(got.paths, strings.Fields(c.paths)) || got.implied != (c.name == "") {
			t.Errorf("%s: session %q, paths %q", c.args, got.name, got.paths)
		}
	}
}

// newStore makes the store that commands of the test use.
func newStore(t *testing.T) *session.Store {
	t.Helper()
	t.Setenv("VEDUTA_HOME", t.TempDir()+"/store")
	store, err := session.Open()
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// makeSession makes a session with one added file, as a monitor would.
func makeSession(t *testing.T, store *session.Store, name string) *session.Session {
	t.Helper()
	id := session.Identity{RealUID: uint32(os.Getuid()), RealGID: uint32(os.Getgid())}
	id.ViewUID, id.ViewGID = id.RealUID, id.RealGID
	s, err := store.Create(name, session.Meta{Command: []string{"make"}, Identity: id})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.Upper()+"/veduta-test-file", []byte("new\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.End(0); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSessionCommands(t *testing.T) {
	store := newStore(t)
	makeSession(t, store, "web").Close()
	makeSession(t, store, "mail").Close()
	for _, c := range []struct {
		line, out, errs string
		status          int
	}{
		{"ls -q", "web\nmail\n", "", 0},
		{"ls -z", "web\x00mail\x00", "", 0},
		{"diff -z", "A\x00/veduta-test-file\x00", "", 0},
		{"diff --exit-code web -z /veduta-test-file", "A\x00/veduta-test-file\x00", "", 1},
		{"diff /etc", "", "changed nothing there", 125},
		{"diff wbe", "", "no session is called wbe", 125},
		{"undo", "", "no commit", 125},
		{"undo mial", "", "none of that name", 125},
		{"undo mail /etc", "", "no paths", 125},
		{"discard mail /veduta-test-file", "", "mail: dropped, 1 added", 0},
		{"diff mail", "", "", 0},
		{"commit mail", "", "nothing to commit", 0},
		{"discard mail", "", "mail: discarded", 0},
		{"ls -q", "web\n", "", 0},
		{"discard", "", "web: discarded, 1 added (4)", 0},
		{"ls --json", "[]\n", "", 0},
	} {
		out, errs, status := veduta(t, strings.Fields(c.line)...)
		if status != c.status || out != c.out || !strings.Contains(errs, c.errs) || c.errs == "" && errs != "" {
			t.Errorf("veduta %s: status %d, %q, %q; want %d, %q, %q", c.line, status, out, errs, c.status, c.out, c.errs)
		}
	}
}

func TestSessionInUseNamesItsHolder(t *testing.T) {
	store := newStore(t)
	s := makeSession(t, store, "web")
	defer s.Close()
	for _, line := range []string{"run --session web -- true", "commit web", "discard web", "discard web /etc", "undo web"} {
		_, errs, status := veduta(t, strings.Fields(line)...)
		if status != exitVeduta || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "in use by process") {
			t.Errorf("%s: status %d, %q", line, status, errs)
		}
	}
}

func TestSessionOfAnotherUserIsRefused(t *testing.T) {
	m := session.Meta{Name: "web", Identity: session.Identity{RealUID: uint32(os.Getuid()) + 1}}
	if err := fits(&m, t.TempDir()); err == nil {
		t.Error("a session of another user may be run")
	}
	m.Identity.RealUID--
	if err := fits(&m, t.TempDir()); err != nil {
		t.Error(err)
	}
}

func TestReopenedSessionGoverns(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root's real and seen ids are the same")
	}
	store := newStore(t)
	id := session.Identity{RealUID: uint32(os.Getuid()), RealGID: uint32(os.Getgid())}
	s, err := store.Create("web", session.Meta{Identity: id, Hostname: "lab"})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	r := running{store: store, flags: viewFlags{session: "web"}}
	if err := r.reopen(); err != nil {
		t.Fatal(err)
	}
	defer r.session.Close()
	if r.flags.hostname != "lab" || !r.flags.root {
		t.Errorf("host name %q, root %v", r.flags.hostname, r.flags.root)
	}
}

func TestConflictsAreListed(t *testing.T) {
	if err := conflicted(nil); err != nil {
		t.Error(err)
	}
	plain := errors.New("x")
	if conflicted(plain) != plain {
		t.Error("another error was changed")
	}
}
