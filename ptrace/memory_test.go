package ptrace

import (
	"bytes"
	"encoding/binary"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// edge is two pages of own memory, the second of which cannot be read.
func edge(t testing.TB) (page []byte, end uint64) {
	t.Helper()
	size := os.Getpagesize()
	b, err := unix.Mmap(-1, 0, 3*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Munmap(b) })
	if err := unix.Mprotect(b[2*size:], unix.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	return b[:2*size], uint64(uintptr(unsafe.Pointer(&b[0]))) + uint64(2*size)
}

func TestReadString(t *testing.T) {
	page, end := edge(t)
	m := MemoryOf(os.Getpid())
	long := strings.Repeat("x", len(page))
	tests := []struct {
		name string
		text string // with its NUL or without, at the end of readable memory
		room int
		want string
		err  error
	}{
		{"empty", "\x00", PathMax, "", nil},
		{"ends with the page", "/etc/passwd\x00", PathMax, "/etc/passwd", nil},
		{"runs into the hole", "/etc/passwd", PathMax, "", unix.EFAULT},
		{"first read exactly", long[:firstRead-1] + "\x00", PathMax, long[:firstRead-1], nil},
		{"first read and one", long[:firstRead] + "\x00", PathMax, long[:firstRead], nil},
		{"over a page's end", long[:4094] + "\x00" + "yy", PathMax, long[:4094], nil},
		{"longest", long[:PathMax-1] + "\x00" + "z", PathMax, long[:PathMax-1], nil},
		{"too long", long[:PathMax] + "\x00" + "z", PathMax, "", unix.ENAMETOOLONG},
		{"too long before the hole", long[:PathMax], PathMax, "", unix.ENAMETOOLONG},
		{"no room", "abc\x00", 3, "", unix.ENAMETOOLONG},
		{"room", "abc\x00", 4, "abc", nil},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			copy(page[len(page)-len(x.text):], x.text)
			got, err := m.ReadString(end-uint64(len(x.text)), make([]byte, x.room))
			if err != x.err || string(got) != x.want {
				t.Errorf("%d bytes, %v; want %d, %v", len(got), err, len(x.want), x.err)
			}
		})
	}
	for _, addr := range []uint64{0, end, ^uint64(0), 1 << 63, ^uint64(4095)} {
		if _, err := m.ReadString(addr, make([]byte, PathMax)); err != unix.EFAULT {
			t.Errorf("a string at %#x: %v, want EFAULT", addr, err)
		}
	}
}

func TestReadAndWrite(t *testing.T) {
	page, end := edge(t)
	m := MemoryOf(os.Getpid())
	if err := m.Write(end-3, []byte("abc")); err != nil || string(page[len(page)-3:]) != "abc" {
		t.Errorf("write: %v, %q", err, page[len(page)-3:])
	}
	if err := m.Write(end-2, []byte("xyz")); err != unix.EFAULT {
		t.Errorf("a write into the hole: %v", err)
	}
	if err := m.Write(0, nil); err != nil {
		t.Errorf("a write of nothing: %v", err)
	}
	b := make([]byte, 3)
	copy(page[len(page)-3:], "abc")
	if err := m.Read(end-3, b); err != nil || string(b) != "abc" {
		t.Errorf("read: %v, %q", err, b)
	}
	if err := m.Read(end-2, b); err != unix.EFAULT {
		t.Errorf("a read into the hole: %v", err)
	}
	for i := range page {
		page[i] = byte(i % 251)
	}
	all := make([]byte, len(page)+100)
	if n := m.ReadSome(end-uint64(len(page)), all); n != len(page) || !bytes.Equal(all[:n], page) {
		t.Errorf("%d bytes read up to the hole, want %d", n, len(page))
	}
	if n := m.ReadSome(end-5, all); n != 5 {
		t.Errorf("%d bytes read before the hole, want 5", n)
	}
	if n := m.ReadSome(end, all); n != 0 {
		t.Errorf("%d bytes read in the hole", n)
	}
}

// A task that is not there.
func TestMemoryOfNobody(t *testing.T) {
	m := MemoryOf(1 << 30)
	if err := m.Read(4096, make([]byte, 1)); err != unix.EFAULT {
		t.Errorf("%v, want EFAULT", err)
	}
}

func mask(t *testing.T) (m unix.Sigset_t) {
	t.Helper()
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, nil, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func blocked(m unix.Sigset_t, s unix.Signal) bool { return m.Val[(s-1)/64]>>((s-1)%64)&1 != 0 }

func TestUndisturbed(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := mask(t)
	called := false
	Undisturbed(func() {
		called = true
		m := mask(t)
		for s := unix.Signal(1); s < 65; s++ {
			if s != unix.SIGKILL && s != unix.SIGSTOP && s != 32 && s != 33 && blocked(m, s) == slices.Contains(faults, s) {
				t.Errorf("signal %d: blocked is %v", s, blocked(m, s))
			}
		}
	})
	if !called {
		t.Error("nothing was called")
	}
	if after := mask(t); after != before {
		t.Errorf("mask %x afterwards, was %x", after.Val[0], before.Val[0])
	}
}

// A mistake is a panic, which can be recovered from, not the process's end.
func TestUndisturbedPanic(t *testing.T) {
	var nowhere *int
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Undisturbed(func() { *nowhere = 1 })
}

func TestBlockSignalsExcept(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := BlockSignals(unix.SIGUSR1, 62)
	m := mask(t)
	unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
	if blocked(m, unix.SIGUSR1) || blocked(m, 62) || !blocked(m, unix.SIGURG) || !blocked(m, unix.SIGUSR2) {
		t.Errorf("mask %x", m.Val[0])
	}
}

func BenchmarkReadString(b *testing.B) {
	page, end := edge(b)
	text := "/usr/share/locale/locale.alias\x00"
	copy(page[len(page)-len(text):], text)
	m := MemoryOf(os.Getpid())
	buf := make([]byte, PathMax)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.ReadString(end-uint64(len(text)), buf); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzSiginfo: a siginfo_t is read as the kernel lays it out, wherever it ends.
func FuzzSiginfo(f *testing.F) {
	f.Add([]byte("\x11\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\xe8\x03\x00\x00"))
	f.Add([]byte("short"))
	page, end := edge(f)
	m := MemoryOf(os.Getpid())
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:min(len(b), len(page))]
		copy(page[len(page)-len(b):], b)
		var got, want Siginfo
		err := m.ReadSiginfo(end-uint64(len(b)), false, &got)
		if len(b) < 24 {
			if err != unix.EFAULT {
				t.Errorf("%d bytes: %v", len(b), err)
			}
			return
		}
		whole := make([]byte, unsafe.Sizeof(want))
		copy(whole, b[:24])
		if _, e := binary.Decode(whole, binary.NativeEndian, &want); e != nil {
			t.Fatal(e)
		}
		if err != nil || got != want {
			t.Errorf("%x is %+v, want %+v, %v", b, got, want, err)
		}
		got.HasSender()
	})
}
