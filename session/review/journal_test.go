package review

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
)

// bare is a session with nothing in it.
func bare(f *testing.F) *session.Session {
	f.Helper()
	store, err := session.OpenAt(filepath.Join(f.TempDir(), "store"))
	if err != nil {
		f.Fatal(err)
	}
	s, err := store.Create("s", session.Meta{Command: []string{"true"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	return s
}

// FuzzJournal: a journal that is taken for one is written again as it was, and
// no step of it lacks what it takes.
func FuzzJournal(f *testing.F) {
	for _, j := range []string{
		`{"format":1,"phase":"applying","steps":[{"op":"swap","path":"/a","slot":"/s/1","new":{"dev":1,"ino":2}}]}`,
		`{"format":1,"phase":"done","steps":[{"op":"attr","path":{"bytes":"L/8="},"old":{},"want":{"mode":420,"xattr":{"user.a":null}},"was":{}}]}`,
		`{"format":1,"phase":"reverting","steps":[{"op":"write","path":"/a","old":{},"slot":"/s/1","backup":"/s/2"}],"seen":[{"real":"/a","line":{}}]}`,
		`{"format":1,"steps":[null]}`,
		`{"format":1,"steps":[{"op":"attr","path":"/a"}]}`,
		`{"format":1,"steps":[{"op":"swap","path":"a","slot":"../b"}]}`,
	} {
		f.Add([]byte(j))
	}
	s := bare(f)
	if err := os.MkdirAll(commitDir(s), 0o700); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(journalFile(s), b, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := readJournal(s)
		if err != nil {
			return
		}
		for _, st := range j.Steps {
			if !st.whole() {
				t.Fatalf("%+v", st)
			}
		}
		Pending(s)
		said, err := json.Marshal(j)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(journalFile(s), said, 0o600); err != nil {
			t.Fatal(err)
		}
		again, err := readJournal(s)
		if err != nil {
			t.Fatalf("%s: %v", said, err)
		}
		if more, err := json.Marshal(again); err != nil || string(more) != string(said) {
			t.Errorf("%s became %s, %v", said, more, err)
		}
	})
}

// FuzzHistory: whatever is in the logs of a session, what they tell of a file is
// about that file.
func FuzzHistory(f *testing.F) {
	f.Add([]byte(`{"path":"/view/a","ino":3,"lino":2,"lmode":33188}`+"\n"), []byte("/view/d\x00"))
	f.Add([]byte(`{"path":"../..","lino":1}`+"\nnull\n"), []byte("\x00\x00"))
	s := bare(f)
	l := &layer{mount: "/view", lower: "/real"}
	f.Fuzz(func(t *testing.T, origins, unseen []byte) {
		for name, b := range map[string][]byte{s.Origins(): origins, s.Unseen(): unseen} {
			if err := os.WriteFile(name, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		h, err := readHistory(s)
		if err != nil {
			t.Fatal(err)
		}
		for p, o := range h.byPath {
			if real := l.real(o); real != "" && !within(real, l.lower) {
				t.Errorf("%q is %q", p, real)
			}
			a := vfs.Attr{}
			a.Ino = o.LowerIno
			h.of(l, p, p, &a, identity{})
			same(o, &a)
		}
	})
}
