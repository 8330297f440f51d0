package ptrace

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
)

// Thread is a stopped guest thread.
type Thread struct {
	// TID is the thread's id in the monitor's pid namespace.
	TID int
	// Mem is its memory.
	Mem Memory
	// Transport names who stopped it, for the readable trace and --stats.
	Transport string
	// SP is the stack pointer; known at an exec only.
	SP uint64
	// ABI is that of the program; known at an exec only.
	ABI arch.ABI
	// Filtered: there are filters of the guest's own on its calls.
	Filtered bool
}

// PathMax is the longest path, its NUL included (include/uapi/linux/limits.h).
const PathMax = 4096

const pageSize = 4096

// Memory is a guest's memory, read and written by process_vm_readv(2) and
// process_vm_writev(2).
type Memory struct {
	tid   int
	alive func() bool // nil: it is stopped, and so there
}

// MemoryOf gives the memory of a thread.
func MemoryOf(tid int) Memory { return Memory{tid: tid} }

// While is the same memory for somebody who uses it for long: it answers EFAULT
// once alive tells that the thread is gone, whose id may then be another's.
func (m Memory) While(alive func() bool) Memory { return Memory{tid: m.tid, alive: alive} }

// Read fills b from guest memory. EFAULT if not all of it can be read.
func (m Memory) Read(addr uint64, b []byte) error {
	if n := m.readSome(addr, b); n != len(b) {
		return unix.EFAULT
	}
	return nil
}

// ReadSome reads up to len(b) bytes and returns how many there were.
func (m Memory) ReadSome(addr uint64, b []byte) int {
	done := 0
	for done < len(b) {
		// A transfer stops at the first bad page only if an iovec ends there.
		step := min(len(b)-done, int(pageSize-(addr+uint64(done))%pageSize))
		n := m.readSome(addr+uint64(done), b[done:done+step])
		done += n
		if n < step {
			break
		}
	}
	return done
}

// Write copies b to guest memory. EFAULT if not all of it can be written.
func (m Memory) Write(addr uint64, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if n := m.writeSome(addr, b); n != len(b) {
		return unix.EFAULT
	}
	return nil
}

// ReadString copies a NUL-terminated string into buf and returns it without
// the NUL. EFAULT for memory that cannot be read, ENAMETOOLONG if no NUL comes
// within len(buf) bytes.
func (m Memory) ReadString(addr uint64, buf []byte) ([]byte, error) {
	done := 0
	for done < len(buf) {
		step := min(len(buf)-done, int(pageSize-(addr+uint64(done))%pageSize))
		if done == 0 && step > firstRead {
			step = firstRead
		}
		n := m.readSome(addr+uint64(done), buf[done:done+step])
		for i := done; i < done+n; i++ {
			if buf[i] == 0 {
				return buf[:i], nil
			}
		}
		done += n
		if n < step {
			return nil, unix.EFAULT
		}
	}
	return nil, unix.ENAMETOOLONG
}

// firstRead is how many bytes of a string are asked for at first: most paths
// are shorter, and one call is most of the price.
const firstRead = 256
