package hostfs_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/hostfs"
	"github.com/veduta/veduta/vfs/owner"
	"github.com/veduta/veduta/vfs/vfstest"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	unix.Umask(0)
	os.Exit(m.Run())
}

func host(native bool) vfstest.Make {
	return func(t *testing.T) vfs.FileSystem {
		side, err := owner.OpenSidecar(filepath.Join(t.TempDir(), "owners"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { side.Close() })
		s := &owner.Store{Native: native, RealUID: uint32(os.Geteuid()), RealGID: uint32(os.Getegid()), Sidecar: side}
		return hostfs.New(hostfs.Options{Root: t.TempDir(), Owners: s})
	}
}

func TestConformNative(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	vfstest.Conform(t, host(true))
}

func TestConformRecorded(t *testing.T) { vfstest.Conform(t, host(false)) }

func TestConformAsUser(t *testing.T) {
	if vfstest.AsUser(t) {
		TestConformRecorded(t)
	}
}

func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/f", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	g := vfstest.Ours{FS: hostfs.New(hostfs.Options{Root: dir, ReadOnly: true})}
	for name, err := range map[string]error{
		"mkdir":  g.Mkdir("/d", 0o755),
		"open":   g.Write("/f", unix.O_RDWR, 0, ""),
		"create": g.Write("/g", unix.O_CREAT|unix.O_WRONLY, 0o644, ""),
		"unlink": g.Unlink("/f"),
		"rename": g.Rename("/f", "/g", 0),
		"chmod":  g.Chmod("/f", 0o600),
	} {
		if vfs.Errno(err) != unix.EROFS {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := g.Write("/f", unix.O_RDONLY, 0, ""); err != nil {
		t.Error(err)
	}
}

// TestFile: a bind of a single file has that file as its root.
func TestFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	fs := hostfs.New(hostfs.Options{Root: name})
	if text, err := (vfstest.Ours{FS: fs}).Read("/"); text != "text" || err != nil {
		t.Fatal(text, err)
	}
	if p, ok := fs.PathOf(name); p != "/" || !ok {
		t.Fatal(p, ok)
	}
	if _, ok := fs.PathOf(name + "2"); ok {
		t.Fatal("a longer name is another file")
	}
}
