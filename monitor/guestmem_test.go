package monitor

import (
	"encoding/binary"
	"os"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

// guest is memory of this process, used as a guest's: two pages of it, behind
// which nothing can be read.
type guest struct {
	mem []byte
	end uint64
}

func newGuest(t testing.TB) *guest {
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
	return &guest{b[:2*size], addr(b) + uint64(2*size)}
}

// put lays bytes against the end of the memory and tells where they begin; what
// does not fit is left out.
func (g *guest) put(b []byte) (copied []byte, at uint64) {
	b = b[:min(len(b), len(g.mem))]
	copied = g.mem[len(g.mem)-len(b):]
	copy(copied, b)
	return copied, g.end - uint64(len(b))
}

func le64(b []byte) uint64 { return binary.NativeEndian.Uint64(b) }

// calling is a call on its way, as Monitor.Syscall makes it.
func calling(m *Monitor, nr int, args ...uint64) *call {
	c := &call{m: m, entry: sysent.Lookup(nr), thread: &ptrace.Thread{TID: os.Getpid(), Mem: ptrace.MemoryOf(os.Getpid())}}
	if m != nil {
		c.task = m.taskOf(os.Getpid())
	}
	if c.task == nil {
		c.task = &task{tid: os.Getpid(), tgid: os.Getpid(), fs: &fsState{}, cred: realCred(), dumpable: new(atomic.Int32)}
	}
	c.Nr = nr
	copy(c.Args[:], args)
	return c
}

// kernel makes the very call.
func (c *call) kernel() unix.Errno {
	a := &c.Args
	_, _, e := unix.Syscall6(uintptr(c.Nr), uintptr(a[0]), uintptr(a[1]), uintptr(a[2]), uintptr(a[3]), uintptr(a[4]), uintptr(a[5]))
	return e
}
