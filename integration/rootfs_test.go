package integration

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// smallRoot makes a root directory of the caller's, with the programs named and
// what they are linked to.
func smallRoot(t *testing.T, at *place, programs ...string) string {
	t.Helper()
	root := filepath.Join(at.dir, "root")
	for _, dir := range []string{"", "bin", "etc", "proc", "dev", "tmp"} {
		at.makeDir(t, filepath.Join(root, dir))
	}
	for _, name := range programs {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		at.copyFile(t, path, filepath.Join(root, "bin", name))
		out, err := exec.Command("ldd", path).Output()
		if err != nil {
			continue // static
		}
		for word := range strings.FieldsSeq(string(out)) {
			if strings.HasPrefix(word, "/") {
				at.copyFile(t, word, filepath.Join(root, word))
			}
		}
	}
	return root
}

func (p *place) makeDir(t *testing.T, path string) {
	t.Helper()
	switch err := os.Mkdir(path, 0o755); {
	case errors.Is(err, fs.ErrExist):
	case errors.Is(err, fs.ErrNotExist):
		p.makeDir(t, filepath.Dir(path))
		p.makeDir(t, path)
	case err != nil:
		t.Fatal(err)
	default:
		p.caller.own(t, path)
	}
}

func (p *place) copyFile(t *testing.T, from, to string) {
	t.Helper()
	p.makeDir(t, filepath.Dir(to))
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.caller.own(t, to)
}

// TestForeignRoot runs programs of another root directory with that as their /.
func TestForeignRoot(t *testing.T) {
	t.Parallel()
	const script = `cat /etc/name; ls /; cd /etc; pwd; cat ../etc/name; cat name
for s in /etc/passwd ../../../etc/passwd; do cat $s 2>/dev/null && echo "$s is there"; done; true`
	const want = "foreign\nbin\ndev\netc\nlib\nlib64\nproc\ntmp\n/etc\nforeign\nforeign\n"
	for _, c := range callers() {
		at := newPlace(t, c)
		root := smallRoot(t, at, "sh", "cat", "ls", "pwd")
		if err := os.WriteFile(filepath.Join(root, "etc/name"), []byte("foreign\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, engine := range []string{"trace", "notify"} {
			for _, flags := range []string{"", "-0", "-0 --cow"} {
				argv := append([]string{veduta, "run", "--engine", engine, "-r", root}, strings.Fields(flags)...)
				if o := at.run(t, nil, append(argv, "--", "sh", "-c", script)...); o.output != want || o.status != 0 {
					t.Errorf("%s %s %s: status %d\n%s", c.name, engine, flags, o.status, o.output)
				}
			}
		}
	}
}
