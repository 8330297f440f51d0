package procfs

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// FuzzStatus: lines that the view says nothing about stay as they are, but for
// the tracer's stop.
func FuzzStatus(f *testing.F) {
	self, err := os.ReadFile("/proc/self/status")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(self)
	f.Add([]byte("Name:\tState:\tt (tracing stop)\nState:\tt (tracing stop)\nUid:\t0\t0\t0\t0"))
	none := New(Options{Status: func(int, string, []byte) (string, bool) { return "", false }})
	all := New(Options{Status: func(int, string, []byte) (string, bool) { return "view", true }})
	f.Fuzz(func(t *testing.T, host []byte) {
		want := bytes.TrimPrefix(bytes.ReplaceAll(append([]byte{'\n'}, host...),
			[]byte("\nState:\tt (tracing stop)"), []byte("\nState:\tT (stopped)")), []byte{'\n'})
		if got := none.status(1, host); !bytes.Equal(got, want) {
			t.Errorf("%q became %q", host, got)
		}
		lines := bytes.Count(host, []byte{'\n'})
		if len(host) > 0 && host[len(host)-1] != '\n' {
			lines++
		}
		if got := string(all.status(1, host)); got != strings.Repeat("view\n", lines) {
			t.Errorf("%q became %q", host, got)
		}
	})
}

// FuzzTaskStat: at most the letter of the state is another.
func FuzzTaskStat(f *testing.F) {
	f.Add([]byte("1 (x) t 2 3"))
	f.Add([]byte("1 () t () S 2 3"))
	none := New(Options{Status: func(int, string, []byte) (string, bool) { return "", false }})
	f.Fuzz(func(t *testing.T, host []byte) {
		before := bytes.Clone(host)
		got := none.stat(1, host)
		if got == nil {
			return
		}
		i := bytes.LastIndexByte(before, ')') + 2
		if before[i] != 't' || got[i] != 'T' || !bytes.Equal(got[:i], before[:i]) || !bytes.Equal(got[i+1:], before[i+1:]) {
			t.Errorf("%q became %q", before, got)
		}
	})
}

// FuzzNetUnix: a socket is shown by the view's name, all else as it is.
func FuzzNetUnix(f *testing.F) {
	self, err := os.ReadFile("/proc/self/net/unix")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(self[:min(len(self), 4096)]), "/host", "/view")
	f.Add("0: 2 0 0 1 1   7 /host\n0: 2 0 0 1 1 8\n", "/host", "/a name")
	f.Fuzz(func(t *testing.T, host, name, given string) {
		if name == "" || strings.Contains(name+given, "\n") {
			return
		}
		fs := New(Options{Socket: func(n string) (string, bool) { return given, n == name }})
		got := string(fs.netUnix([]byte(host)))
		if strings.Count(got, "\n") < strings.Count(host, "\n") {
			t.Errorf("%q became %q", host, got)
		}
		nobody := New(Options{Socket: func(string) (string, bool) { return "", false }})
		if again := string(nobody.netUnix([]byte(host))); again != host {
			t.Errorf("%q became %q", host, again)
		}
	})
}
