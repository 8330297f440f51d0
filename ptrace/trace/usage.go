package trace

import (
	"bytes"
	"encoding/binary"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// usageOf is the struct rusage that a tracer gets with a tracee's stop: that of
// the process and of the children that it has waited for (getrusage(2)).
func usageOf(pid int) []byte {
	f := statFields(pid)
	user, system, total := f[14]+f[16], f[15]+f[17], cpuTime(pid)
	inSystem := uint64(0)
	if user+system > 0 {
		inSystem = uint64(float64(total) * float64(system) / float64(user+system))
	}
	var b []byte
	word := func(v uint64) { b = binary.NativeEndian.AppendUint64(b, v) }
	for _, ns := range []uint64{total - inSystem, inSystem} {
		word(ns / 1e9)
		word(ns % 1e9 / 1e3)
	}
	s, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	word(statusNumber(s, "VmHWM"))
	for range 3 { // ixrss idrss isrss
		word(0)
	}
	word(f[10] + f[11])
	word(f[12] + f[13])
	for range 6 { // nswap inblock oublock msgsnd msgrcv nsignals
		word(0)
	}
	word(statusNumber(s, "voluntary_ctxt_switches"))
	word(statusNumber(s, "nonvoluntary_ctxt_switches"))
	return b
}

// statFields are the numbers of proc_pid_stat(5), by their numbers there.
func statFields(pid int) (f [20]uint64) {
	b, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	for i, v := range bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:]) {
		if i+3 < len(f) {
			f[i+3], _ = strconv.ParseUint(string(v), 10, 64)
		}
	}
	return f
}

// statusNumber is a number of proc_pid_status(5), 0 if it is not there.
func statusNumber(status []byte, key string) uint64 {
	_, rest, _ := bytes.Cut(status, []byte("\n"+key+":\t"))
	if fields := bytes.Fields(rest); len(fields) > 0 {
		v, _ := strconv.ParseUint(string(fields[0]), 10, 64)
		return v
	}
	return 0
}

// cpuTime is the time that a process has had a CPU, in nanoseconds; its clock is
// named by its id (clock_getcpuclockid(3)).
func cpuTime(pid int) uint64 {
	const processSched = 2
	var ts unix.Timespec
	if unix.ClockGettime(int32(^pid<<3|processSched), &ts) != nil {
		return 0
	}
	return uint64(ts.Nano())
}
