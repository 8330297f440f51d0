package monitor

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

func addr(b []byte) uint64 { return uint64(uintptr(unsafe.Pointer(&b[0]))) }

func TestLog(t *testing.T) {
	text := []byte("/a b\x00")
	fdcwd := ^uint64(99)
	tests := []struct {
		set, name string
		args      [6]uint64
		v         ptrace.Verdict
		want      string
	}{
		{"", "openat", [6]uint64{fdcwd, addr(text), 0, 0o644}, ptrace.Open("/host", 0, 0), `7 trace openat(AT_FDCWD, "/a b", 0x0, 0644) = open /host`},
		{"", "openat", [6]uint64{3, 0, 1}, ptrace.Fail(unix.ENOENT), `7 trace openat(3, 0x0, 0x1, 0) = ENOENT`},
		{"", "mkdir", [6]uint64{addr(text), 0o755}, ptrace.Return(0), `7 trace mkdir("/a b", 0755) = 0`},
		{"", "mkdir", [6]uint64{addr(text), 0o755}, ptrace.Pass(), ""},
		{"all", "mkdir", [6]uint64{addr(text), 0o755}, ptrace.Pass(), `7 trace mkdir("/a b", 0755) = native`},
		{"rename", "mkdir", [6]uint64{addr(text)}, ptrace.Return(0), ""},
		{"pathname", "mkdir", [6]uint64{addr(text)}, ptrace.Return(0), `7 trace mkdir("/a b", 0) = 0`},
		{"uname,mkdir", "mkdir", [6]uint64{addr(text)}, ptrace.Later(nil), `7 trace mkdir("/a b", 0) = later`},
		{"", "getuid", [6]uint64{}, ptrace.Return(1000), `7 trace getuid() = 1000`},
	}
	for _, x := range tests {
		var b strings.Builder
		l, err := NewLog(&b, x.set)
		if err != nil {
			t.Fatal(err)
		}
		c := &call{task: &task{tid: 7}, thread: &ptrace.Thread{TID: 7, Mem: ptrace.MemoryOf(os.Getpid()), Transport: "trace"}, entry: sysent.ByName(x.name)}
		c.Args = x.args
		l.call(c, &x.v)
		if got := strings.TrimSuffix(b.String(), "\n"); got != x.want {
			t.Errorf("%s logged %q, want %q", x.name, got, x.want)
		}
	}
	if _, err := NewLog(nil, "nonsense"); err == nil || !strings.Contains(err.Error(), strconv.Quote("nonsense")) {
		t.Errorf("a log of nonsense: %v", err)
	}
	runtime.KeepAlive(text)
}
