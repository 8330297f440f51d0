package control

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func serveHere(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	s, err := Serve(dir, func(q Question) Answer {
		if q.Ask != "ps" {
			return Answer{Error: "what?"}
		}
		return Answer{View: &View{Monitor: os.Getpid(), Session: "it"}}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if pids, err := Monitors(dir); len(pids) > 0 || err != nil {
			t.Errorf("sockets are left: %v, %v", pids, err)
		}
	})
	return dir
}

func TestLongPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("d", 200))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := Serve(dir, func(Question) Answer { return Answer{View: &View{}} })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Ask(dir, os.Getpid(), Question{Ask: "ps"}); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestAsk(t *testing.T) {
	dir, pid := serveHere(t), os.Getpid()
	if pids, err := Monitors(dir); err != nil || len(pids) != 1 || pids[0] != pid {
		t.Fatalf("monitors %v, %v", pids, err)
	}
	a, err := Ask(dir, pid, Question{Ask: "ps"})
	if err != nil || a.View == nil || a.View.Session != "it" {
		t.Errorf("answer %+v, %v", a, err)
	}
	if _, err := Ask(dir, pid, Question{Ask: "x"}); err == nil || err.Error() != "what?" {
		t.Errorf("a question that is not known: %v", err)
	}
}

// raw says something to the server and gives its answer.
func raw(t *testing.T, dir, text string) string {
	t.Helper()
	c, err := net.Dial("unix", filepath.Join(dir, strconv.Itoa(os.Getpid())+suffix))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(2 * patience))
	io.WriteString(c, text)
	b, _ := io.ReadAll(c)
	return string(b)
}

func TestServerTakesAnything(t *testing.T) {
	dir := serveHere(t)
	if got := raw(t, dir, `{"veduta":99,"ask":"ps"}`+"\n"); !strings.Contains(got, ErrVersion.Error()) {
		t.Errorf("to another version it says %q", got)
	}
	for _, text := range []string{"\n\n[]\n", `"`, "{}{}{}x\n", strings.Repeat("[", mostAsked+1), `{"veduta":"` + strings.Repeat("a", 2*mostAsked) + `"}`} {
		if got := raw(t, dir, text+"\n"); strings.Contains(got, "view") {
			t.Errorf("to %.20q it says %q", text, got)
		}
	}
	if _, err := Ask(dir, os.Getpid(), Question{Ask: "ps"}); err != nil {
		t.Error(err)
	}
}

func TestAskGone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "7"+suffix)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	unix.Close(fd)
	if _, err := Ask(dir, 7, Question{Ask: "ps"}); !errors.Is(err, ErrGone) {
		t.Errorf("%v, want %v", err, ErrGone)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket of one that is gone: %v", err)
	}
}

func TestAllowed(t *testing.T) {
	for _, x := range []struct {
		peer, self uint32
		root, ok   bool
	}{{5, 5, false, true}, {0, 5, true, true}, {0, 5, false, false}, {6, 5, true, false}, {5, 0, true, false}} {
		if err := allowed(x.peer, x.self, x.root); (err == nil) != x.ok {
			t.Errorf("%+v: %v", x, err)
		}
	}
}

// A view's guests may have commands of any bytes.
func TestCommandsOfAnyBytes(t *testing.T) {
	b, err := json.Marshal(Guest{Command: []string{"\xff\x00"}})
	if err != nil || !json.Valid(b) {
		t.Errorf("%s, %v", b, err)
	}
}
