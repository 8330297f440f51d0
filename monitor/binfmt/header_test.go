package binfmt

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/veduta/veduta/vfs"
)

func spacetab(c byte) bool { return c == ' ' || c == '\t' }

// loadScript is load_script (fs/binfmt_script.c, 6.18) word by word: file is
// what a file holds. ok is false for ENOEXEC; an argument may be empty.
func loadScript(file []byte) (interp string, arg *string, ok bool) {
	var buf [headerSize + 1]byte
	copy(buf[:headerSize], file)
	next := func(first, last int, want func(byte) bool) int {
		for ; first <= last; first++ {
			if want(buf[first]) {
				return first
			}
		}
		return -1
	}
	solid := func(c byte) bool { return !spacetab(c) }
	terminator := func(c byte) bool { return spacetab(c) || c == 0 }
	cstr := func(from, to int) string {
		s, _, _ := bytes.Cut(buf[from:to], []byte{0})
		return string(s)
	}
	bufEnd := headerSize - 1
	end := bytes.IndexByte(buf[:headerSize], '\n')
	if nul := bytes.IndexByte(buf[:headerSize], 0); nul >= 0 && nul < end {
		end = -1 // strnchr ends at the NUL
	}
	if end < 0 {
		if end = next(2, bufEnd, solid); end < 0 || next(end, bufEnd, terminator) < 0 {
			return "", nil, false
		}
		end = bufEnd
	}
	for spacetab(buf[end-1]) {
		end--
	}
	name := next(2, end, solid)
	if name < 0 || name == end {
		return "", nil, false
	}
	sep := next(name, end, terminator)
	at := -1
	if sep >= 0 && buf[sep] != 0 {
		at = next(sep, end, solid)
	}
	if at >= 0 && at < end {
		s := cstr(at, end)
		arg = &s
		return cstr(name, sep), arg, true
	}
	if sep >= 0 && sep < end {
		return cstr(name, sep), nil, true
	}
	return cstr(name, end), nil, true
}

var lines = []string{
	"#!/bin/sh\n", "#! /bin/sh\n", "#!\t/bin/sh \t\n", "#!/bin/sh -e\n", "#!/bin/sh  -e  -x \nrest\n", "#!/bin/sh", "#!/bin/sh ",
	"#!/bin/sh -e", "#!\n", "#!  \t\n", "#!", "#!\x00\n", "#!/bin/sh\x00junk\n", "#!/bin/sh -e\x00junk\n",
	"#!/bin/sh\r\n", "#!/bin/sh \xff\n",
	"#!/bin/sh " + strings.Repeat("a", 300) + "\n", "#!/" + strings.Repeat("b", 300) + "\n",
	"#!/" + strings.Repeat("b", 251) + " x\n", "#!/" + strings.Repeat("b", 252) + "\n", "#!/" + strings.Repeat("b", 253) + "\n",
	"#!" + strings.Repeat(" ", 300) + "/bin/sh\n", "#!" + strings.Repeat(" ", 200) + "/bin/sh\n",
	"#!/bin/sh\x00" + strings.Repeat("c", 300), "#!/bin/sh a" + strings.Repeat(" ", 300),
}

// agrees compares scriptHeader with the kernel's rules.
func agrees(t *testing.T, file []byte) {
	t.Helper()
	got := scriptHeader(file[2:min(len(file), headerSize)])
	interp, arg, ok := loadScript(file)
	want := Header{}
	if ok && interp != "" { // else the kernel will say what is wrong
		want = Header{Kind: Script, Interp: interp}
		if arg != nil {
			want.Arg, want.HasArg = *arg, true
		}
	}
	if got != want {
		t.Errorf("%q is %+v, to the kernel %+v", file, got, want)
	}
}

func TestScriptHeader(t *testing.T) {
	for _, l := range lines {
		agrees(t, []byte(l))
	}
}

func FuzzScriptHeader(f *testing.F) {
	for _, l := range lines {
		f.Add([]byte(l))
	}
	f.Fuzz(func(t *testing.T, b []byte) { agrees(t, append([]byte("#!"), b...)) })
}

// The rules above are the running kernel's: a script is run by it.
func TestScriptHeaderOfTheKernel(t *testing.T) {
	dir := t.TempDir()
	for _, l := range lines {
		if !strings.Contains(l, "/bin/sh") {
			continue
		}
		l = strings.NewReplacer("/bin/sh", "/bin/echo", "-e", "zz").Replace(l)
		p := filepath.Join(dir, "script")
		os.Remove(p)
		if err := os.WriteFile(p, []byte(l), 0o755); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(p).Output()
		interp, arg, ok := loadScript([]byte(l))
		want := p + "\n"
		if arg != nil {
			want = *arg + " " + want
		}
		if strings.HasSuffix(interp, "\r") {
			ok = false // there is no such program
		}
		if ok != (err == nil) || ok && string(out) != want {
			t.Errorf("%q said %q, %v; want %q, %v", l, out, err, want, ok)
		}
	}
}

// A copy of a program runs under the loader that it names.
func TestCopyWithInterp(t *testing.T) {
	f, err := os.Open("/bin/true")
	if err != nil {
		t.Skip("no program to copy:", err)
	}
	defer f.Close()
	var ehdr [64]byte
	f.ReadAt(ehdr[:], 0)
	was := interpOf(f, ehdr[:])
	if was == "" {
		t.Skip("/bin/true has no interpreter")
	}
	dir := t.TempDir()
	loader := filepath.Join(dir, strings.Repeat("long", 50)+"-ld.so")
	b, err := os.ReadFile(was)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(loader, b, 0o755); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, "true")
	if err := CopyWithInterp("/bin/true", to, loader); err != nil {
		t.Fatal(err)
	}
	if h, ok := Read(to); !ok || h.Kind != ELF || h.Interp != loader {
		t.Errorf("the copy names %+v, %v", h, ok)
	}
	if err := exec.Command(to).Run(); err != nil {
		t.Errorf("the copy does not run: %v", err)
	}
	if err := os.Remove(loader); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(to).Run(); !os.IsNotExist(err) {
		t.Errorf("the copy runs without its loader: %v", err)
	}
	if err := CopyWithInterp("/bin/true", to, loader); !os.IsExist(err) {
		t.Errorf("a copy over another one: %v", err)
	}
	if err := CopyWithInterp("/etc/passwd", filepath.Join(dir, "x"), loader); err == nil {
		t.Error("a text got a loader")
	}
}

// A header is remembered, and read again when the file has changed.
func TestHeaderCache(t *testing.T) {
	p := filepath.Join(t.TempDir(), "x")
	var k Cache[Header]
	read := func(text string) Header {
		if err := os.WriteFile(p, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		a, err := vfs.HostLstat(p)
		if err != nil {
			t.Fatal(err)
		}
		return k.Of(p, &a, Read)
	}
	if h := read("#!/bin/a\n"); h.Interp != "/bin/a" {
		t.Errorf("%+v", h)
	}
	if h := read("#!/bin/another\n"); h.Interp != "/bin/another" {
		t.Errorf("%+v after a change", h)
	}
}

// FuzzProgramHeader: any file is a script, a program, or neither.
func FuzzProgramHeader(f *testing.F) {
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(self[:headerSize])
	f.Add(self[:4096])
	f.Add([]byte("#!/bin/sh -e\n"))
	f.Add([]byte("\x7fELF"))
	file := filepath.Join(f.TempDir(), "program")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		h, _ := Read(file)
		if len(h.Interp) > longestInterp || h.Kind == ELF && !bytes.HasPrefix(b, []byte("\x7fELF")) {
			t.Errorf("%+v", h)
		}
	})
}
