package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

// execRoot makes a root directory with a program of every kind in it, linked to
// loaders that the host has, has elsewhere, or lacks.
func execRoot(t *testing.T, at *place) string {
	t.Helper()
	root := smallRoot(t, at, "sh", "cat", "grep", "ln")
	at.copyFile(t, filepath.Join(filepath.Dir(veduta), "execinfo"), filepath.Join(root, "bin/info"))
	const loader, loader32 = "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux.so.2"
	at.copyFile(t, loader, filepath.Join(root, "odd/loader.so"))
	at.copyFile(t, loader32, filepath.Join(root, loader32))
	at.copyFile(t, loader32, filepath.Join(root, "odd/loader32.so"))
	at.copyFile(t, "/lib32/libc.so.6", filepath.Join(root, "lib32/libc.so.6"))
	for name, flags := range map[string]string{
		"static": "-static", "staticpie": "-static-pie", "nopie": "-no-pie", "odd": "-Wl,--dynamic-linker=/odd/loader.so",
		"none": "-Wl,--dynamic-linker=/no/loader.so", "link": "-Wl,--dynamic-linker=/odd/link.so",
		"info32": "-m32", "static32": "-m32 -static", "nopie32": "-m32 -no-pie", "odd32": "-m32 -Wl,--dynamic-linker=/odd/loader32.so",
		"none32": "-m32 -Wl,--dynamic-linker=/no/loader.so", "mixed": "-m32 -Wl,--dynamic-linker=/odd/loader.so",
	} {
		to := filepath.Join(root, "bin", name)
		args := append(strings.Fields(flags), "-O1", "-pthread", "-o", to, "testdata/c/execinfo.c")
		if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
			t.Fatalf("gcc %s: %v\n%s", flags, err, out)
		}
		at.caller.own(t, to)
	}
	if err := os.Symlink("loader.so", filepath.Join(root, "odd/link.so")); err != nil {
		t.Fatal(err)
	}
	muslInfo(t, at, root)
	scripts(t, at, root)
	return root
}

// muslInfo adds a program of another C library, with its loader.
func muslInfo(t *testing.T, at *place, root string) {
	t.Helper()
	to := filepath.Join(root, "bin/musl")
	if out, err := exec.Command("musl-gcc", "-O1", "-o", to, "testdata/c/execinfo.c").CombinedOutput(); err != nil {
		t.Fatalf("musl-gcc: %v (of musl-tools)\n%s", err, out)
	}
	at.caller.own(t, to)
	at.copyFile(t, "/lib/ld-musl-x86_64.so.1", filepath.Join(root, "lib/ld-musl-x86_64.so.1"))
}

// scripts adds interpreters of interpreters.
func scripts(t *testing.T, at *place, root string) {
	t.Helper()
	for name, text := range map[string]string{
		"s1": "#!/bin/info one\n", "s2": "#!/bin/s1\n", "s3": "#! /bin/s2  a b \n", "s4": "#!/bin/s3\n", "s5": "#!/bin/s4\n", "s6": "#!/bin/s5\n",
		"smusl": "#!/bin/musl\n", "snone": "#!/no/such\n", "sodd": "#!/bin/odd\n", "sdir": "#!/bin\n", "s32": "#!/bin/info32 one\n", "empty": "", "text": "no program\n",
	} {
		at.writeFile(t, filepath.Join(root, "bin", name), text, 0o755)
	}
	at.writeFile(t, filepath.Join(root, "bin/plain"), "#!/bin/info\n", 0o644)
}

func (p *place) writeFile(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	p.caller.own(t, path)
}

const execScript = `cd /tmp
for p in info static staticpie nopie odd link musl none s1 s2 s3 s4 s5 s6 smusl snone sodd sdir text empty plain info32 static32 nopie32 odd32 none32 mixed s32; do
	echo "== $p"; /bin/info by path-of /bin/$p x "" >out 2>&1; echo "= $?"; case $p in *odd*|link) grep -v ^write: out;; *) cat out;; esac
done
for how in thread masked pending fd cloexec path memfd closing-memfd link self at nofollow noargs long; do
	for p in info odd s1 info32 odd32; do
		echo "== $how $p"; /bin/info by $how /bin/$p y >out 2>&1; echo "= $?"; case $p in odd*) grep -v ^write: out;; *) cat out;; esac
	done
done
ln -s /bin/info li; ln -s li l2; for p in ./l2 ../bin/info /proc/self/root/bin/info; do echo "== $p"; $p; done
echo "== nofollow"; /bin/info by nofollow ./l2
echo "== closed"; (ulimit -n 3; /bin/info 3>&- >/dev/null 2>&1; echo $?)
echo "== unlimited"; (ulimit -s unlimited; /bin/info >/dev/null; echo $?)
true
`

var writeLines = regexp.MustCompile(`(?m)^write: .*\n`)

// TestDifferentialExecRoot executes in another root directory, after chroot(2)
// and in views.
func TestDifferentialExecRoot(t *testing.T) {
	t.Parallel()
	needNamespace(t)
	run := func(c caller, argv ...string) string {
		at := newPlace(t, c)
		root := execRoot(t, at)
		if argv == nil {
			const enter = `mount --bind /proc $0/proc && mount --bind /dev $0/dev && exec chroot $0 /bin/sh -c "$1"`
			return at.run(t, nil, "unshare", "-m", "sh", "-c", enter, root, execScript).output
		}
		argv = append([]string{veduta, "run"}, argv...)
		return at.run(t, nil, append(argv, "-r", root, "-w", "/", "--", "/bin/sh", "-c", execScript)...).output
	}
	native := run(rootCaller)
	for _, c := range callers() {
		for _, flags := range []string{"--engine trace", "--engine notify -0 --cow --rm"} {
			t.Run(c.name+flags, func(t *testing.T) {
				want, got := native, run(c, strings.Fields(flags)...)
				if strings.Contains(flags, "--cow") { // what is written to is a copy at first
					want, got = writeLines.ReplaceAllString(want, ""), writeLines.ReplaceAllString(got, "")
				}
				if got != want {
					t.Errorf("%s", diff.Diff("native", []byte(want), "view", []byte(got)))
				}
			})
		}
	}
}
