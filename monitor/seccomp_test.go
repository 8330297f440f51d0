package monitor

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace/seccomp"
	"github.com/veduta/veduta/vfs"
)

// FuzzFilterProgram: of a guest's struct sock_fprog the kernel gets the very
// instructions, or none.
func FuzzFilterProgram(f *testing.F) {
	f.Add([]byte{2, 0}, []byte("\x06\x00\x00\x00\x00\x00\xff\x7f\x15\x00\x01\x02\x07\x00\x00\x00"))
	f.Add([]byte{0xff, 0xff}, []byte{})
	f.Add([]byte{0, 0}, []byte{})
	m, g := withPaths(f), newGuest(f)
	f.Fuzz(func(t *testing.T, count, raw []byte) {
		raw, at := g.put(raw)
		head := make([]byte, 16)
		copy(head[:2], count)
		binary.NativeEndian.PutUint64(head[8:], at)
		prog, err := calling(m, unix.SYS_SECCOMP).filterProgram(addr(head))
		n := int(binary.NativeEndian.Uint16(head))
		if err != nil {
			if e := vfs.Errno(err); e == unix.EFAULT && n*unix.SizeofSockFilter <= len(raw) {
				t.Errorf("%d of %d bytes: %v", n*unix.SizeofSockFilter, len(raw), e)
			}
			return
		}
		again, err := binary.Append(nil, binary.NativeEndian, prog)
		if err != nil || string(again) != string(raw[:len(prog)*unix.SizeofSockFilter]) || len(prog) != n {
			t.Errorf("%x became %x", raw, again)
		}
		seccomp.Exempt(prog)
	})
}
