package session

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// FuzzMeta: a description that is taken for one can be written again, and leads
// to nothing outside of its session.
func FuzzMeta(f *testing.F) {
	f.Add([]byte(`{"format":1,"name":"a","created":"2026-01-02T03:04:05Z","command":["x"],"cow":["/"],"state":"ended","exitStatus":3}`))
	f.Add([]byte(`{"format":1,"cow":["/../.."],"below":{"/a":"b"}}`))
	f.Add([]byte(`null`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, metaFile), b, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := readMeta(dir)
		if err != nil {
			return
		}
		s := Session{dir: dir}
		for _, mount := range m.Cow {
			if p := s.UpperOf(mount); p != s.Upper() && !strings.HasPrefix(p, s.Upper()+"/") {
				t.Errorf("%q is at %s", mount, p)
			}
		}
		m.Transient = true // so that nothing is synced
		if err := writeMeta(dir, &m); err != nil {
			return // a year of five digits
		}
		again, err := readMeta(dir)
		if err != nil || !reflect.DeepEqual(sameTime(again), sameTime(m)) {
			t.Errorf("%+v became %+v, %v", m, again, err)
		}
	})
}

// sameTime leaves the time zones out, which have pointers.
func sameTime(m Meta) Meta {
	m.Created, m.Ended = m.Created.UTC(), m.Ended.UTC()
	return m
}
