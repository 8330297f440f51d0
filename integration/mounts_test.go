package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestMounts runs scripts among mounts: those that real root makes in a mount
// namespace of its own, and those of a view. A script has what to make first,
// what to show where, and what to do then.
func TestMounts(t *testing.T) {
	t.Parallel()
	needNamespace(t)
	files, err := filepath.Glob("testdata/mounts/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		part := map[string]string{}
		for _, f := range a.Files {
			part[f.Name] = string(f.Data)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			want := mountedNatively(t, part)
			for _, c := range callers() {
				for _, engine := range []string{"trace", "notify"} {
					t.Run(c.name+"/"+engine, func(t *testing.T) {
						t.Parallel()
						if got := mountedInView(t, c, engine, part); got != want {
							t.Errorf("in the view, and without:\n%s", lineDiff(want.output, got.output))
						}
					})
				}
			}
		})
	}
}

// settled is a place where what a script needs has been made.
func settled(t *testing.T, c caller, part map[string]string) *place {
	t.Helper()
	p := newPlace(t, c)
	if got := p.run(t, nil, "sh", "-ec", part["setup"]); got.status != 0 {
		t.Fatalf("setup: %+v", got)
	}
	return p
}

func mountedNatively(t *testing.T, part map[string]string) outcome {
	p := settled(t, rootCaller, part)
	script := "set -e\n"
	for line := range strings.Lines(part["mounts"]) {
		f := strings.Fields(line)
		script += "mount --bind " + f[0] + " " + f[1] + "\n"
		if len(f) > 2 {
			script += "mount -o remount,bind," + f[2] + " " + f[1] + "\n"
		}
	}
	return p.run(t, nil, "unshare", "-m", "sh", "-c", script+`exec sh -c "$1" 2>&1`, "sh", part["script"])
}

func mountedInView(t *testing.T, c caller, engine string, part map[string]string) outcome {
	p := settled(t, c, part)
	argv := []string{veduta, "run", "-0", "--engine", engine}
	for line := range strings.Lines(part["mounts"]) {
		f := strings.Fields(line)
		spec := p.work() + "/" + f[0] + ":" + p.work() + "/" + f[1]
		if len(f) > 2 {
			spec += ":" + f[2]
		}
		argv = append(argv, "-b", spec)
	}
	return p.run(t, nil, append(argv, "--", "sh", "-c", `exec sh -c "$1" 2>&1`, "sh", part["script"])...)
}

// lineDiff shows where two texts differ.
func lineDiff(want, got string) string {
	dir, err := os.MkdirTemp("", "diff")
	if err != nil {
		return err.Error()
	}
	defer os.RemoveAll(dir)
	os.WriteFile(dir+"/without", []byte(want), 0o644)
	os.WriteFile(dir+"/view", []byte(got), 0o644)
	out, _ := exec.Command("diff", "-u", dir+"/without", dir+"/view").Output()
	return string(out)
}

// TestMountOnFreeName mounts on names that do not exist: they are listed, and
// found by globs.
func TestMountOnFreeName(t *testing.T) {
	t.Parallel()
	const script = `ls; echo n*; echo */f; stat -c %F newdir newfile; cat newfile newdir/f; cd newdir && pwd && ls .. &&
rmdir ../newdir ../newfile; rm -f ../newfile; mkdir ../newdir; mv ../newdir ../other; mv ../newfile ../other; find .. -name 'n*' -o -name f`
	const want = `dir
newdir
newfile
newdir newfile
dir/f newdir/f
directory
regular file
text
text
@/here/newdir
dir
newdir
newfile
rmdir: failed to remove '../newdir': Device or resource busy
rmdir: failed to remove '../newfile': Not a directory
rm: cannot remove '../newfile': Device or resource busy
mkdir: cannot create directory '../newdir': File exists
mv: cannot move '../newdir' to '../other': Device or resource busy
mv: cannot move '../newfile' to '../other': Device or resource busy
../newdir
../newdir/f
../newfile
../dir/f
`
	for _, c := range callers() {
		for _, engine := range []string{"trace", "notify"} {
			for _, flags := range []string{"", "-0", "-0 --cow"} {
				p := settled(t, c, map[string]string{"setup": "mkdir dir; echo text > dir/f"})
				w := p.work()
				argv := append([]string{veduta, "run", "--engine", engine}, strings.Fields(flags)...)
				argv = append(argv, "-b", w+"/dir:"+w+"/newdir", "-b", w+"/dir/f:"+w+"/newfile", "--", "sh", "-c", "exec 2>&1;"+script)
				got := p.run(t, nil, argv...)
				if sortedTail(got.output) != sortedTail(want) {
					t.Errorf("%s, %s, %s:\n%s", c.name, engine, flags, lineDiff(want, got.output))
				}
			}
		}
	}
}

// sortedTail is a text whose last four lines, those of find, are in order.
func sortedTail(s string) string {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	if len(lines) > 4 {
		slices.Sort(lines[len(lines)-4:])
	}
	return strings.Join(lines, "\n")
}
