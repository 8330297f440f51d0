package owner

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

func TestResource(t *testing.T) {
	for _, ids := range [][2]uint32{{0, 0}, {0, NoID}, {1000, 0}, {1, 2}, {NoID, 5}, {300, 70000}} {
		uid, gid, ok := decodeResource(encodeResource(ids[0], ids[1]))
		if !ok || uid != ids[0] || gid != ids[1] {
			t.Errorf("%v came back as %d %d %v", ids, uid, gid, ok)
		}
	}
	// What umoci writes for uid 1000, gid 100.
	if got := encodeResource(1000, 100); string(got) != "\x08\xe8\x07\x10\x64" {
		t.Errorf("%x", got)
	}
}

func TestInode(t *testing.T) {
	for _, text := range []string{"104755", "20666:1:3", "60660:240:1048575", "40000"} {
		mode, rdev, ok := decodeInode(text)
		if !ok || encodeInode(mode, rdev) != text {
			t.Errorf("%s came back as %o %x", text, mode, rdev)
		}
	}
	for _, bad := range []string{"", "755", "x", "20666:1", "20666:a:b", "7777777"} {
		if _, _, ok := decodeInode(bad); ok {
			t.Errorf("%q was taken", bad)
		}
	}
}

func attr(ino uint64, btime int64) *vfs.Attr {
	a := &vfs.Attr{}
	a.Ino, a.Mask = ino, unix.STATX_BTIME
	a.Btime.Sec = btime
	return a
}

func TestSidecar(t *testing.T) {
	name := filepath.Join(t.TempDir(), "owners")
	open := func() *Sidecar {
		s, err := OpenSidecar(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	s := open()
	for i := range uint64(3) {
		if err := s.put(attr(i, 1), record{uid: uint32(i), gid: NoID}); err != nil {
			t.Fatal(err)
		}
	}
	s.put(attr(1, 1), record{uid: 7, gid: 8})
	s.Forget(attr(2, 1))
	before, _ := os.Stat(name)
	f, _ := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	f.WriteString("0 0 5f5e100 9 9 9") // a kill
	f.Close()
	s = open()
	if after, _ := os.Stat(name); after.Size() >= before.Size() {
		t.Error("not compacted")
	}
	if r, ok := s.get(attr(1, 1)); !ok || r.uid != 7 || r.gid != 8 {
		t.Error(r, ok)
	}
	if _, ok := s.get(attr(2, 1)); ok {
		t.Error("forgotten record is back")
	}
	if _, ok := s.get(attr(0, 2)); ok {
		t.Error("a new file took the record of an old one with its number")
	}
	if r, ok := s.get(attr(0, 1)); !ok || r.uid != 0 {
		t.Error("a torn line counted")
	}
	s.put(attr(5, 1), record{uid: 5, gid: 5})
	if _, ok := open().get(attr(5, 1)); !ok {
		t.Error("lost after compaction")
	}
}

func TestProbeNative(t *testing.T) {
	dir := t.TempDir()
	if ProbeNative(dir) && os.Geteuid() != 0 {
		t.Error("an ordinary user can give files away?")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Error("left behind:", left)
	}
}

// TestMap: ids go through a map of one line, others as they are.
func TestMap(t *testing.T) {
	s := &Store{RealUID: 1000, RealGID: 100}
	for in, want := range map[[2]uint32][2]uint32{{1000, 100}: {0, 0}, {1000, 5}: {0, 5}, {33, 100}: {33, 0}} {
		a := &vfs.Attr{}
		a.Uid, a.Gid = in[0], in[1]
		s.Map(a)
		if a.Uid != want[0] || a.Gid != want[1] {
			t.Errorf("%v shows as %d %d", in, a.Uid, a.Gid)
		}
	}
}
