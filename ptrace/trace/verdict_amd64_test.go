package trace_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
)

func init() {
	guests["rewritten"] = func() {
		name := append([]byte("/virtual"), 0)
		for i := range 3 { // the first has no scratch memory yet
			r := [7]uint64{unix.SYS_OPENAT, ^uint64(99), addr(name), unix.O_RDONLY, 0o123, 5, 6}
			before := r
			raw(&r)
			fd := int(int64(r[0]))
			r[0], before[0] = 0, 0
			if fd < 0 || r != before {
				must(fmt.Errorf("time %d: result %d, registers %x, were %x", i, fd, r, before))
			}
			unix.Close(fd)
		}
		r := [7]uint64{unix.SYS_OPENAT, ^uint64(99), addr(append([]byte("/missing"), 0)), 1, 2, 3, 4}
		before := r
		raw(&r)
		if int64(r[0]) != -int64(unix.ENOENT) {
			must(fmt.Errorf("open of a name rewritten to nothing: %d", int64(r[0])))
		}
		r[0], before[0] = 0, 0
		if r != before {
			must(fmt.Errorf("registers %x after a failure, were %x", r, before))
		}
	}
	guests["other number"] = func() {
		r := [7]uint64{unix.SYS_GETPRIORITY, 1, 2, 3, 4, 5, 6}
		before := r
		raw(&r)
		if int(r[0]) != os.Getppid() {
			must(fmt.Errorf("getpriority made getppid: %d", r[0]))
		}
		if r[0], before[0] = 0, 0; r != before {
			must(fmt.Errorf("registers %x, were %x", r, before))
		}
	}
	guests["pointers"] = func() {
		var out [32]byte
		r := [7]uint64{unix.SYS_WRITEV, 1, addr(out[:]), 1, 0, 0, 0}
		raw(&r)
		if int64(r[0]) != 6 {
			must(fmt.Errorf("writev of our making: %d", int64(r[0])))
		}
	}
}

func addr(b []byte) uint64 { return uint64(uintptr(unsafe.Pointer(&b[0]))) }

// A rewritten call leaves the guest's registers as the ABI promises, with or
// without success, at the first time and later.
func TestRewriteRestoresRegisters(t *testing.T) {
	h := &handler{syscall: func(th *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
		host := map[string]string{"/virtual": "/dev/null", "/missing": "/no/such/file"}[path(th, c)]
		if host == "" {
			return ptrace.Pass()
		}
		rw := &ptrace.Rewrite{Nr: -1}
		rw.Args[1] = ptrace.Arg{Set: true, Bytes: append([]byte(host), 0)}
		rw.Args[2] = ptrace.Arg{Set: true, Value: unix.O_WRONLY}
		return ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}
	}}
	o := run(t, h, job{guest: "rewritten", catch: []int{unix.SYS_OPENAT}})
	o.exits(t, 0)
}

func TestRewriteNumber(t *testing.T) {
	h := &handler{syscall: func(*ptrace.Thread, *ptrace.Call) ptrace.Verdict {
		return ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: &ptrace.Rewrite{Nr: unix.SYS_GETPPID}}
	}}
	o := run(t, h, job{guest: "other number", catch: []int{unix.SYS_GETPRIORITY}})
	o.exits(t, 0)
}

// Words of an argument that are to become addresses.
func TestRewritePointers(t *testing.T) {
	h := &handler{syscall: func(_ *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
		if c.Args[0] != 1 {
			return ptrace.Pass()
		}
		b := binary.NativeEndian.AppendUint64(nil, 16)
		b = binary.NativeEndian.AppendUint64(b, 6)
		rw := &ptrace.Rewrite{Nr: -1}
		rw.Args[1] = ptrace.Arg{Set: true, Bytes: append(b, "hello\n"...), Pointers: []int{0}}
		return ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}
	}}
	o := run(t, h, job{guest: "pointers", catch: []int{unix.SYS_WRITEV}})
	o.exits(t, 0)
	if o.out != "hello\n" {
		t.Errorf("the guest said %q", o.out)
	}
}
