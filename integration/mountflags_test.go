package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMountFlags mounts by flags and looks from inside, with a root of its own
// and over the host's.
func TestMountFlags(t *testing.T) {
	t.Parallel()
	const script = `set -e
cd "$1"
echo "tmpfs: $(ls new) $(stat -c '%a %U' new)"; echo x > new/file; cat new/file
echo "hidden: $(ls hidden | wc -l)"; (: > hidden/x) 2>/dev/null || echo refused
stat -c '%n %F %t:%T %a' dev/null dev/full; echo x > dev/null; test -s dev/null || echo null
head -c 3 dev/zero | tr '\0' 0; echo; : > dev/shm/x; ls dev/shm; readlink dev/fd
cat low/a low/b; echo changed > low/a; rm low/b; ls low; cat low/a
(: > again/x) 2>/dev/null || echo again refused; ls again
find far | sort; (: > far/x) 2>/dev/null || echo far refused; cat far/and/away/b`
	const want = `tmpfs:  1777 root
x
hidden: 0
refused
dev/null character special file 1:3 666
dev/full character special file 1:7 666
null
000
x
/proc/self/fd
a
b
a
changed
again refused
a
b
far
far/and
far/and/away
far/and/away/a
far/and/away/b
far refused
b
`
	for _, c := range callers() {
		for _, engine := range []string{"trace", "notify"} {
			for _, flags := range []string{"-0", "-0 --cow"} {
				at := newPlace(t, c)
				w := at.work()
				for _, d := range []string{"new", "hidden", "dev", "low", "lower", "upper", "again"} {
					at.makeDir(t, filepath.Join(w, d))
				}
				for _, f := range []string{"lower/a", "lower/b", "hidden/secret"} {
					if err := os.WriteFile(filepath.Join(w, f), []byte(filepath.Base(f)+"\n"), 0o644); err != nil {
						t.Fatal(err)
					}
					c.own(t, filepath.Join(w, f))
				}
				argv := append([]string{veduta, "run", "--engine", engine}, strings.Fields(flags)...)
				argv = append(argv, "--tmpfs", w+"/new", "--hide", w+"/hidden", "--mount", "type=dev,dst="+w+"/dev",
					"--overlay", w+"/lower:"+w+"/upper:"+w+"/low", "-m", "none "+w+"/lower "+w+"/again bind,ro", "-b", w+"/lower:"+w+"/far/and/away",
					"--", "sh", "-c", script, "sh", w)
				o := at.run(t, nil, argv...)
				if o.output != want || o.status != 0 {
					t.Errorf("%s %s %s: status %d\n%s", c.name, engine, flags, o.status, o.output)
				}
				if list, err := os.ReadDir(filepath.Join(w, "lower")); err != nil || len(list) != 2 {
					t.Errorf("%s %s: the lower directory has changed: %v, %v", c.name, engine, list, err)
				}
				if left, _ := filepath.Glob(w + "/.veduta-*"); left != nil {
					t.Errorf("%s %s: left behind: %v", c.name, engine, left)
				}
			}
		}
	}
}

// TestBindFiles shows single files in the place of others and on free names.
func TestBindFiles(t *testing.T) {
	t.Parallel()
	const script = `cd "$1"; exec 2>&1; cat b new ro; echo more >> b; cat a; stat -c '%F %s' new
(echo x > ro) 2>/dev/null || echo refused; chmod 600 ro; mv b c; rm -f ro; rm d; cat d; ls`
	const want = `text
text
text
text
more
regular file 10
refused
chmod: changing permissions of 'ro': Read-only file system
mv: cannot move 'b' to 'c': Device or resource busy
rm: cannot remove 'ro': Device or resource busy
rm: cannot remove 'd': Device or resource busy
link
a
b
d
new
ro
`
	for _, c := range callers() {
		for _, engine := range []string{"trace", "notify"} {
			at := newPlace(t, c)
			w := at.work()
			for name, text := range map[string]string{"a": "text\n", "b": "covered\n", "ro": "covered\n", "d": "link\n"} {
				if err := os.WriteFile(filepath.Join(w, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				c.own(t, filepath.Join(w, name))
			}
			o := at.run(t, nil, veduta, "run", "-0", "--engine", engine, "-v", w+"/a:"+w+"/b", "--bind", w+"/a:"+w+"/new",
				"--ro-bind", w+"/a:"+w+"/ro", "-b", w+"/d", "--", "sh", "-c", script, "sh", w)
			if o.output != want {
				t.Errorf("%s %s:\n%s", c.name, engine, lineDiff(want, o.output))
			}
		}
	}
}
