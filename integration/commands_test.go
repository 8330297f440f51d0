package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// online makes a place's commands able to reach the network as the tests are.
func (p *place) online() *place {
	for _, e := range os.Environ() {
		if k, _, _ := strings.Cut(e, "="); strings.HasSuffix(strings.ToLower(k), "_proxy") {
			p.env = append(p.env, e)
		}
	}
	p.env = append(p.env, "DEBIAN_FRONTEND=noninteractive")
	return p
}

// must runs a command that has to succeed.
func (p *place) must(t *testing.T, argv ...string) string {
	t.Helper()
	o := p.run(t, nil, argv...)
	if o.status != 0 {
		t.Fatalf("%q: status %d\n%s", argv, o.status, o.output)
	}
	return o.output
}

// TestAptInstall: an ordinary user tries a package.
func TestAptInstall(t *testing.T) {
	if _, err := exec.LookPath("apt-get"); err != nil {
		t.Skip("apt-get is not installed: this is no Debian")
	}
	if testing.Short() {
		t.Skip("installs a package; left out with -short")
	}
	for _, engine := range []string{"trace", "notify"} {
		t.Run(engine, func(t *testing.T) {
			p := newPlace(t, userCaller()).online()
			what, program := "hello", "/usr/bin/hello"
			if o := p.run(t, nil, "apt-get", "download", "hello"); o.status != 0 {
				t.Logf("hello cannot be downloaded, a package made here takes its place: %s", o.output)
				what, program = tinyPackage(t, p), "/usr/bin/veduta-it"
			}
			if _, err := os.Lstat(program); err == nil {
				t.Skipf("%s is installed already", program)
			}
			try := []string{veduta, "try", "-0", "--hostname", "lab", "--engine", engine, "--session", "it", "--", "apt-get", "install", "-y", what}
			said := p.must(t, try...)
			// apt appends to a log that an ordinary user may not read, and says so.
			said = strings.ReplaceAll(said, "W: Could not open file '/var/log/apt/term.log' - OpenLog (13: Permission denied)", "")
			for _, bad := range []string{"W: ", "E: ", "rror", "ermission denied"} {
				if strings.Contains(said, bad) {
					t.Errorf("apt-get says %q:\n%s", bad, said)
				}
			}
			out := p.must(t, veduta, "run", "--session", "it", "-0", "--engine", engine, "--", program)
			if !strings.Contains(out, "ello") {
				t.Errorf("the program says %q", out)
			}
			out = p.must(t, veduta, "run", "--session", "it", "-0", "--engine", engine, "--", "dpkg", "-S", program)
			if !strings.HasSuffix(out, ": "+program+"\n") {
				t.Errorf("dpkg -S says %q", out)
			}
			if out := p.must(t, veduta, "diff", "it"); !strings.Contains(out, " "+program+"\n") {
				t.Errorf("%s is not in the difference:\n%s", program, out)
			}
			p.must(t, veduta, "discard", "it")
			wantNothing(t, p, program)
		})
	}
}

// tinyPackage makes a package with one program.
func tinyPackage(t *testing.T, p *place) string {
	const script = `mkdir -p pkg/DEBIAN pkg/usr/bin
printf '#!/bin/sh\necho hello\n' > pkg/usr/bin/veduta-it; chmod 755 pkg/usr/bin/veduta-it
printf 'Package: veduta-it\nVersion: 1\nArchitecture: all\nMaintainer: n <n@example.org>\nDescription: d\n' > pkg/DEBIAN/control
dpkg-deb --root-owner-group -b pkg it.deb`
	p.must(t, "sh", "-ec", script)
	return "./it.deb"
}

// wantNothing wants that a discarded session left nothing, here or there.
func wantNothing(t *testing.T, p *place, program string) {
	t.Helper()
	if _, err := os.Lstat(program); err == nil {
		t.Errorf("%s is on the host", program)
	}
	filepath.WalkDir(p.dir+"/store", func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("discard left %s", name)
		}
		return err
	})
	left, _ := filepath.Glob(p.dir + "/store/sessions/*")
	if len(left) != 0 {
		t.Errorf("discard left %q", left)
	}
}

// TestMakeInstall: an ordinary user tries what `make install` would do.
func TestMakeInstall(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a package; left out with -short")
	}
	p := newPlace(t, userCaller()).online()
	source, program := debianSource(t, p), "/usr/local/bin/ed"
	if source == "" {
		source, program = p.work()+"/tiny", "/usr/local/bin/tiny"
		p.must(t, "cp", "-r", sourceDir(t, "testdata/tinyproject"), source)
	}
	configure := "cd " + source + " && if [ -x configure ]; then ./configure; fi && make -j2"
	p.must(t, "sh", "-c", configure)
	host := fingerprint(t, p)
	for _, engine := range []string{"trace", "notify"} {
		p.must(t, veduta, "try", "--engine", engine, "--session", "it", "--", "make", "-C", source, "install")
		out := p.must(t, veduta, "diff", "it")
		if !strings.Contains(out, " "+program+"\n") {
			t.Errorf("%s is not in the difference:\n%s", program, out)
		}
		if !strings.Contains(out, "/man1/") {
			t.Errorf("the manual page is not in the difference:\n%s", out)
		}
		p.must(t, veduta, "run", "--session", "it", "--engine", engine, "--", "sh", "-c", "test -x "+program+" && "+program+" </dev/null")
		p.must(t, veduta, "discard", "it")
		wantNothing(t, p, program)
		if after := fingerprint(t, p); after != host {
			t.Errorf("the build tree on the host changed")
		}
	}
}

// debianSource fetches and unpacks the source of ed with an apt of its own;
// "" if it cannot be reached.
func debianSource(t *testing.T, p *place) string {
	apt := p.work() + "/apt"
	const prepare = `mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/empty"
. /etc/os-release
echo "deb-src http://deb.debian.org/debian $VERSION_CODENAME main" > "$1/sources.list"
dir=$1
get() { apt-get -q -o Dir::Etc::SourceList="$dir/sources.list" -o Dir::Etc::SourceParts="$dir/empty" -o Dir::State::Lists="$dir/lists" -o Dir::Cache="$dir/cache" -o APT::Sandbox::User= "$@"; }
get update && get source ed`
	o := p.run(t, nil, "sh", "-ec", prepare, "sh", apt)
	if o.status != 0 {
		t.Logf("the source of ed cannot be had, a project of these tests takes its place:\n%s", o.output)
		return ""
	}
	dirs, err := filepath.Glob(p.work() + "/ed-*/configure")
	if err != nil || len(dirs) != 1 {
		t.Fatalf("no source of ed: %q %v\n%s", dirs, err, o.output)
	}
	return filepath.Dir(dirs[0])
}

// sourceDir copies a directory of these tests to where everybody can read it.
func sourceDir(t *testing.T, dir string) string {
	to := filepath.Join(base, filepath.Base(dir))
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	return to
}
