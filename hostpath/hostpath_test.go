package hostpath

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestDeep: files are made, named and removed at paths of every length about
// PATH_MAX and far beyond.
func TestDeep(t *testing.T) {
	dir := t.TempDir()
	for len(dir) < 3*unix.PathMax {
		dir += "/" + strings.Repeat("d", 200)
		if err := Mkdir(dir, 0o755); err != nil {
			t.Fatalf("%d bytes: %v", len(dir), err)
		}
		a, b := dir+"/a", dir+"/b"
		fd, err := Open(a, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY, 0o600)
		if err != nil {
			t.Fatalf("%d bytes: %v", len(a), err)
		}
		unix.Close(fd)
		var st unix.Statx_t
		for _, err := range []error{Link(a, b), Statx(b, 0, unix.STATX_NLINK, &st), Rename(a, dir+"/c"), Symlink("c", a), Unlink(b)} {
			if err != nil {
				t.Errorf("%d bytes: %v", len(a), err)
			}
		}
		var text [8]byte
		if n, err := Readlink(a, text[:]); err != nil || string(text[:n]) != "c" || st.Nlink != 2 {
			t.Errorf("%d bytes: %q, %v; %d links", len(a), text[:n], err, st.Nlink)
		}
		if err := Rmdir(a); err != unix.ENOTDIR {
			t.Errorf("%d bytes: %v", len(a), err)
		}
	}
	if _, err := Open(dir+"/none", unix.O_RDONLY, 0); err != unix.ENOENT {
		t.Error(err)
	}
	if _, err := Open("/"+strings.Repeat("n", 2*unix.PathMax), unix.O_RDONLY, 0); err != unix.ENAMETOOLONG {
		t.Error(err)
	}
}

// TestNothingStays: no descriptor is left open, whatever comes of a call.
func TestNothingStays(t *testing.T) {
	count := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	before := count()
	long := strings.Repeat("/usr/..", unix.PathMax/5)
	if err := Access(long, unix.F_OK, 0); err != nil {
		t.Error(err)
	}
	if err := Access(long+"/none/none", unix.F_OK, 0); err != unix.ENOENT {
		t.Error(err)
	}
	if err := Rename(long+"/none", long+"/none"); err == nil {
		t.Error("renamed what is not there")
	}
	if n := count(); n != before {
		t.Errorf("%d descriptors, %d before", n, before)
	}
}
