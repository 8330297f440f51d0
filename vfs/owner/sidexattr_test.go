package owner

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// TestSpecialXattrs: attributes of a pipe are there again when the log is read
// anew, and a torn line is none.
func TestSpecialXattrs(t *testing.T) {
	dir := t.TempDir()
	log, fifo := filepath.Join(dir, "owners"), filepath.Join(dir, "p")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	open := func() *Store {
		side, err := OpenSidecar(log)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { side.Close() })
		return &Store{RealUID: uint32(os.Geteuid()), RealGID: uint32(os.Getegid()), Sidecar: side}
	}
	s, long := open(), bytes.Repeat([]byte("v"), 1<<16)
	for _, x := range []struct {
		name  string
		flags int
		want  error
	}{
		{"trusted.a", unix.XATTR_REPLACE, unix.ENODATA}, {"trusted.a", unix.XATTR_CREATE, nil}, {"trusted.a", unix.XATTR_CREATE, unix.EEXIST},
		{"security.b", 0, nil}, {"trusted.c", 0, nil}, {"user.d", 0, unix.EPERM},
	} {
		if err := s.Setxattr(fifo, x.name, long, x.flags); vfs.Errno(err) != vfs.Errno(x.want) {
			t.Fatalf("%s: %v, want %v", x.name, err, x.want)
		}
	}
	if err := s.Removexattr(fifo, "trusted.c"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(log, append(b, "x 1 2 3 6162 =00"...), 0o600); err != nil {
		t.Fatal(err)
	}
	s = open()
	names, err := s.Listxattr(fifo)
	if err != nil || !slices.Equal(names, []string{"security.b", "trusted.a"}) {
		t.Fatal(names, err)
	}
	if v, err := s.Getxattr(fifo, "trusted.a"); err != nil || !bytes.Equal(v, long) {
		t.Fatal(len(v), err)
	}
	gone := s.Watch(fifo)
	gone()
	if names, _ := s.Listxattr(fifo); len(names) != 0 || !s.Sidecar.empty() {
		t.Fatal(names)
	}
}
