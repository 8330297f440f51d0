package arch

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// TestTableIsUpToDate: the generator would write now what is checked in. Newer
// headers than ours show here, by a call that supplement.txt lacks.
func TestTableIsUpToDate(t *testing.T) {
	if _, err := exec.LookPath("cc"); err != nil {
		if os.Geteuid() == 0 {
			t.Fatal(err, "(make test installs it)")
		}
		t.Skip("the generator needs a C preprocessor:", err)
	}
	if runtime.GOARCH != "amd64" {
		t.Skip("the headers of amd64 are needed, and the system has those of", runtime.GOARCH)
	}
	out := filepath.Join(t.TempDir(), "calls.go")
	if msg, err := exec.Command("go", "run", "gen.go", "-o", out).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("calls.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, have) {
		t.Error("calls.go is out of date: run go generate ./arch")
	}
}
