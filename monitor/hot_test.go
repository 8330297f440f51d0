package monitor

import (
	"os"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/trace"
)

// hot is a call that the test process makes as if it were a guest.
type hot struct {
	name string
	nr   int
	args [6]uint64
}

// hotCalls are those that make up most of what programs ask.
func hotCalls() []hot {
	st := make([]byte, unsafe.Sizeof(unix.Stat_t{}))
	kept = append(kept, st)
	const cwd = ^uint64(99)
	file := text("/usr/bin/env")
	return []hot{
		{"stat", unix.SYS_NEWFSTATAT, [6]uint64{cwd, file, addr(st)}},
		{"lstat", unix.SYS_NEWFSTATAT, [6]uint64{cwd, file, addr(st), unix.AT_SYMLINK_NOFOLLOW}},
		{"fstat", unix.SYS_NEWFSTATAT, [6]uint64{0, text(""), addr(st), unix.AT_EMPTY_PATH}},
		{"readlink", unix.SYS_READLINKAT, [6]uint64{cwd, file, addr(st), 10}},
		{"access", unix.SYS_FACCESSAT, [6]uint64{cwd, file, unix.R_OK}},
		{"openat", unix.SYS_OPENAT, [6]uint64{cwd, file, unix.O_RDONLY}},
	}
}

// kept is memory that calls refer to by address.
var kept [][]byte

func text(s string) uint64 {
	b := append([]byte(s), 0)
	kept = append(kept, b)
	return addr(b)
}

func hotMonitor(t testing.TB) (*Monitor, *ptrace.Thread) {
	m := withPaths(t)
	m.pool = trace.NewPool(m, 1)
	m.Born(0, os.Getpid(), 0)
	return m, &ptrace.Thread{TID: os.Getpid(), Mem: ptrace.MemoryOf(os.Getpid()), Transport: "notify"}
}

// What is asked thousands of times a second must not keep the garbage collector
// busy.
func TestHotCallsDoNotAllocate(t *testing.T) {
	m, th := hotMonitor(t)
	for _, h := range hotCalls() {
		c := &ptrace.Call{Nr: h.nr, Arch: arch.AuditArch, Args: h.args}
		var got ptrace.Verdict
		if n := testing.AllocsPerRun(200, func() { got = m.Syscall(th, c) }); n != 0 {
			t.Errorf("%s: %v allocations", h.name, n)
		}
		if got.Kind != ptrace.KindPass {
			t.Errorf("%s: verdict %+v", h.name, got)
		}
	}
	runtime.KeepAlive(kept)
}

// BenchmarkHot is the decision about each of them.
func BenchmarkHot(b *testing.B) {
	m, th := hotMonitor(b)
	for _, h := range hotCalls() {
		b.Run(h.name, func(b *testing.B) {
			c := &ptrace.Call{Nr: h.nr, Arch: arch.AuditArch, Args: h.args}
			b.ReportAllocs()
			for b.Loop() {
				if v := m.Syscall(th, c); v.Kind != ptrace.KindPass {
					b.Fatalf("%+v", v)
				}
			}
		})
	}
	runtime.KeepAlive(kept)
}
