package owner

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

func acl(entries ...[3]uint32) []byte {
	b := binary.LittleEndian.AppendUint32(nil, aclVersion)
	for _, e := range entries {
		b = binary.LittleEndian.AppendUint16(b, uint16(e[0]))
		b = binary.LittleEndian.AppendUint16(b, uint16(e[1]))
		b = binary.LittleEndian.AppendUint32(b, e[2])
	}
	return b
}

// TestACL: what an ACL does to the mode and a chmod to the ACL is what the
// kernel does to a file of the host.
func TestACL(t *testing.T) {
	dir := t.TempDir()
	s := &Store{RealUID: uint32(os.Geteuid()), RealGID: uint32(os.Getegid())}
	full := acl([3]uint32{aclUserObj, 4, NoID}, [3]uint32{2, 7, 1234}, [3]uint32{aclGroupObj, 5, NoID},
		[3]uint32{aclMask, 3, NoID}, [3]uint32{aclOther, 1, NoID})
	plain := acl([3]uint32{aclUserObj, 6, NoID}, [3]uint32{aclGroupObj, 5, NoID}, [3]uint32{aclOther, 1, NoID})
	for _, value := range [][]byte{full, plain, full[:len(full)-8], {2, 0}} {
		host, ours := filepath.Join(dir, "host"), filepath.Join(dir, "ours")
		for _, n := range []string{host, ours} {
			os.Remove(n)
			if err := os.WriteFile(n, nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, got := unix.Setxattr(host, aclAccess, value, 0), s.Setxattr(ours, aclAccess, value, 0)
		if want == unix.EOPNOTSUPP {
			t.Skip("the file system of the temporary files has no ACLs:", want)
		}
		if vfs.Errno(want) != vfs.Errno(got) {
			t.Fatalf("host %v, ours %v", want, got)
		}
		for _, mode := range []uint32{0, 0o640, 0o715} {
			a, _ := vfs.HostLstat(host)
			b, _ := vfs.HostLstat(ours)
			if err := s.Fix(&b, ours); err != nil || a.Mode != b.Mode {
				t.Errorf("host %o, ours %o, %v", a.Mode, b.Mode, err)
			}
			x, e1 := readxattr(host, aclAccess)
			y, e2 := s.Getxattr(ours, aclAccess)
			if string(x) != string(y) || vfs.Errno(e1) != vfs.Errno(e2) {
				t.Errorf("host %x %v, ours %x %v", x, e1, y, e2)
			}
			if mode == 0 {
				mode = 0o751
			}
			unix.Chmod(host, mode)
			if err := s.SetAttr(ours, vfs.SetAttr{Valid: vfs.SetMode, Mode: mode}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func FuzzACL(f *testing.F) {
	f.Add(acl([3]uint32{aclUserObj, 6, NoID}))
	f.Fuzz(func(t *testing.T, b []byte) { aclChmod(b, 0o750) })
}
