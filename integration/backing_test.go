package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// lookEverywhere prints what names one of the texts in the file "secret": all
// files and links that a guest has in /proc of itself and of another guest, and
// what calls tell of paths. The texts are in no argument, which /proc shows.
const lookEverywhere = `cd "$1"
echo data > made; exec 4<made 5>fresh 6<.; rm fresh; mkdir -p sub gone; cd sub
cp "$(command -v sleep)" "$1/tool"; "$1/tool" 60 & other=$!
(cd ../gone && rmdir ../gone && exec "$1/tool" 60) & removed=$!
for p in $$ $other $removed; do
	find /proc/$p -maxdepth 3 -type f -readable ! -name mem ! -name pagemap ! -name clear_refs ! -path '*/net/*' 2>/dev/null
done > files
for p in $$ $other $removed; do
	for l in $(find /proc/$p -maxdepth 2 -type l 2>/dev/null); do
		t=$(readlink "$l"); case $t in *[!0-9]*) printf '%s -> %s\n' "$l" "$t";; esac
	done
done > links
for f in /proc/self/* /proc/thread-self/* /proc/mounts /proc/locks /proc/net/unix /proc/swaps; do test -f "$f" && case $f in */mem|*/pagemap|*/clear_refs);; *) echo "$f";; esac; done >> files
grep -asHFf "$1/secret" $(cat files)
grep -aFf "$1/secret" links
{ pwd -P; realpath . .. made 2>&1; ls -l; df . ; stat -f .; ls -la /proc/$$/fd /proc/$$/map_files; } 2>&1 | grep -aFf "$1/secret"
kill $other $removed; echo looked at $(wc -l < links) links`

// TestNothingNamesTheBackingDirectories looks for the paths behind a view in
// all that a guest can read.
func TestNothingNamesTheBackingDirectories(t *testing.T) {
	t.Parallel()
	for _, c := range callers() {
		for _, engine := range []string{"trace", "notify"} {
			t.Run(c.name+"/"+engine, func(t *testing.T) {
				t.Parallel()
				at := newPlace(t, c)
				root := smallRoot(t, at, "sh", "cat", "ls", "find", "grep", "readlink", "realpath", "head", "rm", "mkdir", "rmdir", "cp", "sleep", "df", "stat", "wc", "pwd", "df")
				at.makeDir(t, root+"/here")
				state := filepath.Join(at.dir, "home/.local/state/veduta")
				for _, v := range []struct{ work, secret, flags string }{
					{at.work(), state, "-0 --cow --hostname lab"},
					{at.work(), state, "-0 --session it"},
					{"/here", root + "\n" + state + "\n/dev/shm/veduta-", "-0 -r " + root},
					{"/here", root + "\n" + state + "\n/dev/shm/veduta-", "-0 --cow -r " + root},
					{"/tmp", root + "\n" + state + "\n/dev/shm/veduta-", "-0 --tmpfs /tmp -r " + root},
				} {
					secret := filepath.Join(at.work(), "secret")
					if v.work == "/here" {
						secret = filepath.Join(root, "here/secret")
					}
					if err := os.WriteFile(secret, []byte(v.secret+"\n"), 0o644); err != nil {
						t.Fatal(err)
					}
					script := lookEverywhere
					if v.work == "/tmp" {
						script = "cat /here/secret > /tmp/secret\n" + script
					}
					argv := append([]string{veduta, "run", "--engine", engine}, strings.Fields(v.flags)...)
					o := at.run(t, func(cmd *exec.Cmd) {
						for i, e := range cmd.Env {
							if strings.HasPrefix(e, "VEDUTA_HOME=") {
								cmd.Env[i] = "PATH=/usr/bin:/bin"
							}
						}
					}, append(argv, "--", "sh", "-c", script, "sh", v.work)...)
					if !strings.HasPrefix(o.output, "looked at ") || o.status != 0 {
						t.Errorf("%s: status %d\n%s", v.flags, o.status, o.output)
					}
				}
			})
		}
	}
}
