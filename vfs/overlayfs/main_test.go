package overlayfs_test

import (
	"os"
	"testing"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/overlayfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	unix.Umask(0)
	os.Exit(m.Run())
}

// bed is a session's directories over a lower one.
type bed struct {
	t                   testing.TB
	dir, lower          string
	upper, work, owners string
	native              bool
}

func newBed(t testing.TB, native bool) *bed {
	t.Helper()
	d := t.TempDir()
	b := &bed{t, d, d + "/lower", d + "/s/upper", d + "/s/work", d + "/s/owners", native}
	for _, p := range []string{b.lower, b.upper, b.work} {
		if err := os.MkdirAll(p, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// store maps the test's own user to root, as a view with a virtual root does.
func (b *bed) store() *owner.Store {
	b.t.Helper()
	side, err := owner.OpenSidecar(b.owners)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { side.Close() })
	return &owner.Store{Native: b.native, RealUID: uint32(os.Geteuid()), RealGID: uint32(os.Getegid()), Sidecar: side}
}

func (b *bed) open(lowers ...string) *overlayfs.FS {
	b.t.Helper()
	if lowers == nil {
		lowers = []string{b.lower}
	}
	f, err := overlayfs.New(overlayfs.Options{Lower: lowers, Upper: b.upper, Work: b.work, Owners: b.store()})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { f.Close() })
	return f
}

func no(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t *testing.T, err error, want unix.Errno) {
	t.Helper()
	if vfs.Errno(err) != want {
		t.Fatalf("got %v, want %v", err, want)
	}
}
