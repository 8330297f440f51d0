package monitor

import (
	"bytes"
	"encoding/binary"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// FuzzOpenHow: what is refused of struct open_how is what the kernel refuses
// before it looks at anything else.
func FuzzOpenHow(f *testing.F) {
	f.Add(uint64(unix.O_RDWR|unix.O_CREAT), uint64(0o644), uint64(0), uint64(0), uint64(24))
	f.Add(uint64(unix.O_TMPFILE), uint64(0), uint64(0), uint64(0), uint64(24))
	f.Add(uint64(unix.O_PATH|unix.O_CREAT), uint64(0), uint64(unix.RESOLVE_BENEATH), uint64(1), uint64(32))
	f.Add(uint64(1)<<40, uint64(0), uint64(0x40), uint64(0), uint64(8))
	path := []byte("x\x00")
	f.Fuzz(func(t *testing.T, flags, mode, resolve, more, size uint64) {
		size %= 33 // up to what is in memory
		b := words(flags, mode, resolve, more)
		_, _, want := unix.Syscall6(unix.SYS_OPENAT2, ^uintptr(0), uintptr(unsafe.Pointer(&path[0])), uintptr(unsafe.Pointer(&b[0])), uintptr(size), 0, 0)
		_, _, err := calling(nil, unix.SYS_OPENAT2, 0, 0, addr(b), size).how()
		if got := vfs.Errno(err); got != want && !(got == 0 && want == unix.EBADF) && got != unix.EAGAIN {
			t.Errorf("flags %#x mode %#o resolve %#x more %#x size %d: %v, the kernel %v", flags, mode, resolve, more, size, got, want)
		}
	})
}

// FuzzUnixAddr: a path lies in the address, and finds back into one.
func FuzzUnixAddr(f *testing.F) {
	f.Add([]byte("\x01\x00d/s\x00"))
	f.Add([]byte("\x01\x00\x00abstract"))
	f.Add(append([]byte{1, 0}, bytes.Repeat([]byte("p"), 108)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < sunPath || len(b) > addrMax {
			return // refused by its length
		}
		p, ok := unixAddr(b).path()
		if !ok {
			return
		}
		if len(p) == 0 || len(p) > sunPathMax || bytes.IndexByte(p, 0) >= 0 {
			t.Fatalf("path %q", p)
		}
		if again, ok := unixAddrOf(string(p)).path(); !ok || !bytes.Equal(again, p) {
			t.Fatalf("path %q became %q", p, again)
		}
	})
}

// FuzzDirent: an entry reads back as the kernel's own would (getdents(2)).
func FuzzDirent(f *testing.F) {
	f.Add("name", uint64(7), int64(3), uint8(unix.DT_DIR), true)
	f.Add("", uint64(0), int64(0), uint8(0), false)
	f.Fuzz(func(t *testing.T, name string, ino uint64, offset int64, kind uint8, is64 bool) {
		if len(name) > 255 {
			return
		}
		b := direntForm{is64: is64}.append([]byte("before"), &placedEntry{vfs.Dirent{Name: name, Ino: ino, Type: kind}, offset})[6:]
		size, header, last := int(binary.NativeEndian.Uint16(b[16:])), 18, kind
		if is64 {
			header, last = 19, b[18]
		} else {
			last = b[size-1]
		}
		if size != len(b) || size%8 != 0 || binary.NativeEndian.Uint64(b) != ino || int64(binary.NativeEndian.Uint64(b[8:])) != offset ||
			last != kind || string(b[header:header+len(name)]) != name || b[header+len(name)] != 0 {
			t.Errorf("%q of %q", b, name)
		}
	})
}
