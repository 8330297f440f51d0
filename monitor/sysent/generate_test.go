package sysent

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGeneratedFilesAreUpToDate: the generators would write now what is
// checked in.
func TestGeneratedFilesAreUpToDate(t *testing.T) {
	for generator, file := range map[string]string{
		"gen_names.go": "names.go",
		"gen_doc.go":   "../../doc/SYSCALLS.md",
	} {
		out := filepath.Join(t.TempDir(), "out")
		if msg, err := exec.Command("go", "run", generator, "-o", out).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", generator, err, msg)
		}
		got, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		have, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, have) {
			t.Errorf("%s is out of date: run go generate ./monitor/sysent", file)
		}
	}
}
