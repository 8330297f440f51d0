package monitor

import (
	"os"
	"strings"
	"testing"
)

// FuzzTaskStat: a task may be named as it likes.
func FuzzTaskStat(f *testing.F) {
	self, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		f.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(self), ") ")
	for _, name := range []string{"x", ") Z (", "a b", "\n)", ""} {
		f.Add(name, rest)
	}
	f.Add("x", "R 1 2")
	f.Fuzz(func(t *testing.T, name, rest string) {
		got, want := behindName("1 ("+name+") "+rest), strings.Fields(rest)
		if strings.Contains(rest, ")") || len(want) <= statStack {
			return // not of a kernel
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%q named %q gives %q", rest, name, got)
		}
	})
}

// FuzzStatusLine: of a status file in procfs, whatever is in it.
func FuzzStatusLine(f *testing.F) {
	f.Add("Seccomp_filters", "Name:\tx\nSeccomp:\t2\nSeccomp_filters:\t3\n")
	f.Add("Seccomp", "\nSeccomp_filters:\t-99999999999999999999")
	f.Add("CapEff", "")
	m := withPaths(f)
	m.tasks.set(1, &task{tid: 1, cred: realCred()})
	f.Fuzz(func(t *testing.T, key, host string) {
		line, ok := m.StatusLine(1, key, []byte(host))
		if ok && (!strings.HasPrefix(line, key+":\t") || strings.Contains(line, "\n")) {
			t.Errorf("%q of %q is %q", key, host, line)
		}
	})
}
