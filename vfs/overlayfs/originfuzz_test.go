package overlayfs

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzOrigins: whatever is in a log, what can be read of it can be written and
// read again, and lines that are added are found.
func FuzzOrigins(f *testing.F) {
	f.Add([]byte(`{"path":"/a","ino":3,"ldev":1,"lino":2,"lnlink":2,"lpath":"/a"}` + "\n" + `{"path":"/b","ino":`))
	f.Add([]byte(`{"path":{"bytes":"/w=="},"redirect":true}` + "\n"))
	f.Add([]byte("null\n[]\n{}\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		file := filepath.Join(dir, "origins")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		before, err := ReadOrigins(file)
		if err != nil {
			t.Fatal(err)
		}
		g, err := openOrigins(file)
		if err != nil {
			t.Fatal(err)
		}
		g.file.Close()
		added := Origin{Path: "/added", Ino: 5}
		if err := AppendOrigins(file, []Origin{added}); err != nil {
			t.Fatal(err)
		}
		after, err := ReadOrigins(file)
		if err != nil || len(after) != len(before)+1 || after[len(before)] != added {
			t.Errorf("%v after %v: %v", after, before, err)
		}
	})
}
