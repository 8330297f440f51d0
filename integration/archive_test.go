package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// script is a differential test: an archive of testdata/diff.
type script struct {
	name  string
	files []txtar.File
	setup []byte
	body  []byte
	head  map[string][]string // what the comments at the head say
	// known lists differences that are known and not yet mended: texts whose
	// lines are left out of the comparison, "*" for all of it; lines with "#"
	// say why.
	known  []string
	differ atomic.Bool // known differences were met
}

func loadScripts(t *testing.T) []*script {
	t.Helper()
	names, err := filepath.Glob("testdata/diff/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no scripts", err)
	}
	var all []*script
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s := &script{name: strings.TrimSuffix(filepath.Base(name), ".txtar")}
		for _, f := range a.Files {
			switch f.Name {
			case "known":
				s.known = strings.Split(strings.TrimSpace(string(f.Data)), "\n")
			case "setup.sh":
				s.setup = f.Data
			case "script.sh":
				s.body = f.Data
			default:
				s.files = append(s.files, f)
			}
		}
		if s.body == nil {
			t.Fatalf("%s: no script.sh", name)
		}
		s.head = readHead(t, s)
		all = append(all, s)
	}
	return all
}

func readHead(t *testing.T, s *script) map[string][]string {
	head := map[string][]string{}
	for l := range strings.Lines(string(s.body)) {
		text, ok := strings.CutPrefix(strings.TrimSpace(l), "#")
		if !ok {
			break
		}
		key, value, _ := strings.Cut(text, ":")
		switch key = strings.TrimSpace(key); key {
		case "as", "views", "needs", "unshare", "long":
			head[key] = strings.Fields(value)
		}
	}
	if len(head["as"]) == 0 {
		head["as"] = []string{"any"}
	}
	return head
}

// fits tells whether the script makes sense in a view.
func (s *script) fits(v *view, root bool) bool {
	if only, ok := s.head["views"]; ok && !slices.Contains(only, v.name) {
		return false
	}
	switch s.head["as"][0] {
	case "root":
		return root
	case "user":
		return !root
	}
	return true
}

// need skips a test whose programs are missing. Root has them: by make test, or
// because no Debian is without.
func (s *script) need(t *testing.T) {
	for _, program := range s.head["needs"] {
		if program == "i386" {
			need32(t)
			continue
		}
		_, err := exec.LookPath(program)
		switch {
		case err == nil:
		case os.Geteuid() == 0:
			t.Fatalf("the script needs %s, which is not installed; make test installs what all need", program)
		default:
			t.Skipf("the script needs %s, which is not installed", program)
		}
	}
}

// unpack makes the initial tree in a place.
func (s *script) unpack(t *testing.T, p *place) {
	for _, f := range s.files {
		name := filepath.Join(p.work(), f.Name)
		for _, d := range parents(f.Name) {
			d = filepath.Join(p.work(), d)
			if os.Mkdir(d, 0o755) == nil {
				p.caller.own(t, d)
			}
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		p.caller.own(t, name)
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(p.dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("script.sh", s.body)
	if s.setup == nil {
		return
	}
	write("setup.sh", s.setup)
	if o := p.run(t, nil, "sh", "-eu", p.dir+"/setup.sh"); o.status != 0 {
		t.Fatalf("setup.sh: status %d\n%s", o.status, o.output)
	}
}

// parents are the directories of a relative path, outermost first.
func parents(name string) (dirs []string) {
	for i, r := range name {
		if r == '/' {
			dirs = append(dirs, name[:i])
		}
	}
	return dirs
}
