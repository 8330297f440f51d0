package trace

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
)

// start is what a program does, by code of ours, before it has run.
//
// The kernel has executed it by its own path, so that all it knows of it is true;
// only the interpreter, which has not run either, may be another file. Code
// written over that maps the right one in a go; its last call becomes the
// unmapping of the page it stands on, from which it returns to the first
// instruction of the new one.
type start struct {
	*ptrace.Exec
	old     uint64 // base of the interpreter to be replaced
	text    []byte // what the code is written over, where that stays
	scratch uint64 // below the stack
	size    int
}

// begins has a program, at its exec event, run the code. false if that cannot
// be written.
func (e *Engine) begins(t *task, x *ptrace.Exec) bool {
	if getRegs(t, &t.regs) != 0 {
		return true // killed
	}
	s := &start{Exec: x}
	code, interp := arch.CommCode, arch.InterpCode
	if t.regs.Compat {
		code, interp = arch.CommCode32, arch.InterpCode32
	}
	if x.Interp != nil {
		code = interp
		if s.old = t.regs.IP() - x.Interp.Old.Entry; s.old%pageSize != 0 {
			return false // another file than it was
		}
	} else if s.text = peek(t.tid, t.regs.IP(), len(code)); s.text == nil {
		return false
	}
	now := t.regs
	data := s.prepare(&now)
	if e.threadOf(t).Mem.Write(s.scratch, data) != nil || !poke(t.tid, t.regs.IP(), code) {
		return false
	}
	setRegs(t.tid, &now)
	t.start = s
	return true
}

// prepare makes what the code reads, and the registers it begins with.
func (s *start) prepare(r *arch.Regs) []byte {
	var steps []arch.InterpStep
	var path string
	if s.Interp != nil {
		steps, path = s.steps(), s.Interp.Path+"\x00"
	}
	how := unix.OpenHow{Flags: unix.O_RDONLY | unix.O_CLOEXEC}
	const howSize = uint64(unsafe.Sizeof(how))
	tableSize := arch.InterpTableSize(arch.ABI(r.Compat), len(steps))
	s.size = commSize + int(howSize+tableSize) + len(path)
	s.scratch = (r.SP() - redZone - uint64(s.size)) &^ 15
	howAt := s.scratch + commSize
	table := howAt + howSize
	var rows []byte
	if s.Interp != nil {
		if s.Comm != "" {
			steps[len(steps)-2].Len = s.scratch
		}
		rows = r.StartInterp(steps, table, table+tableSize, howAt, howSize)
	} else {
		r.SetArg(0, unix.PR_SET_NAME)
		r.SetArg(1, s.scratch)
	}
	data := append([]byte(s.Comm), make([]byte, commSize-len(s.Comm))...)
	data = append(data, unsafe.Slice((*byte)(unsafe.Pointer(&how)), howSize)...)
	return append(append(data, rows...), path...)
}

// commSize is TASK_COMM_LEN (include/linux/sched.h).
const commSize = 16

const (
	pageSize = 4096
	redZone  = 128 // below the stack pointer, of the x86-64 ABI
)

// steps map the new interpreter and unmap the old one, but for the part that the
// code stands on.
func (s *start) steps() []arch.InterpStep {
	const whole = ^uint64(0)
	load := s.Interp.New.Load
	first, _ := load[0].Pages()
	_, last := load[len(load)-1].Pages()
	var steps []arch.InterpStep
	for i := range load {
		from, to := load[i].Pages()
		file := load[i].FilePages()
		m := arch.InterpStep{Nr: unix.SYS_MMAP, Addr: from - first, Len: file - from, Prot: load[i].Prot,
			Flags: unix.MAP_PRIVATE | unix.MAP_FIXED, Off: load[i].Off &^ (pageSize - 1), Based: whole}
		if i == 0 {
			m.Addr, m.Len, m.Flags, m.Based = 0, last-first, unix.MAP_PRIVATE, 0
		}
		steps = append(steps, m)
		if file < to {
			steps = append(steps, arch.InterpStep{Nr: unix.SYS_MMAP, Addr: file - first, Len: to - file, Prot: load[i].Prot,
				Flags: unix.MAP_PRIVATE | unix.MAP_FIXED | unix.MAP_ANONYMOUS, FD: whole, Based: whole})
		}
		if i+1 < len(load) {
			if next, _ := load[i+1].Pages(); next > to {
				steps = append(steps, arch.InterpStep{Nr: unix.SYS_MUNMAP, Addr: to - first, Len: next - to, Based: whole})
			}
		}
	}
	for _, r := range ranges(s.Interp.Old) {
		if !r.holds(s.Interp.Old.Entry) {
			steps = append(steps, arch.InterpStep{Nr: unix.SYS_MUNMAP, Addr: s.old + r.from, Len: r.to - r.from})
		}
	}
	if s.Comm != "" {
		steps = append(steps, arch.InterpStep{Nr: unix.SYS_PRCTL, Addr: unix.PR_SET_NAME})
	}
	return append(steps, arch.InterpStep{Nr: -1})
}

// pages are addresses in an image, from the first to behind the last.
type pages struct{ from, to uint64 }

func (p pages) holds(addr uint64) bool { return p.from <= addr && addr < p.to }

// ranges are the pages of an image, without its holes.
func ranges(im *ptrace.Image) (all []pages) {
	for i := range im.Load {
		from, to := im.Load[i].Pages()
		if n := len(all); n > 0 && all[n-1].to == from {
			all[n-1].to = to
			continue
		}
		all = append(all, pages{from, to})
	}
	return all
}

// starting is a stop at one of the code's own calls.
func (e *Engine) starting(t *task) {
	var now arch.Regs
	if getRegs(t, &now) != 0 {
		return
	}
	if arch.Twin(now.Nr()) != arch.InterpEnd {
		cont(t.tid, 0)
		return
	}
	s := t.start
	t.start = nil
	thread := e.threadOf(t)
	thread.SP, thread.ABI = t.regs.SP(), arch.ABI(t.compat)
	last := t.regs
	last.SetNr(-1)
	last.SetRet(0)
	if s.Interp == nil {
		poke(t.tid, t.regs.IP(), s.text)
	} else if !s.replaced(thread, &now, &last) {
		unix.Kill(t.tid, unix.SIGKILL) // as the kernel does where it cannot map one
		return
	}
	thread.Mem.Write(s.scratch, make([]byte, s.size))
	setRegs(t.tid, &last)
	if t.in != nil { // what its tracer sees is an execve
		t.exit = exitExeced
	}
	e.restart(t, 0)
}

// replaced completes a new interpreter, and makes the code's last call the end
// of the old one.
func (s *start) replaced(t *ptrace.Thread, now, last *arch.Regs) bool {
	base, ret := now.InterpResult()
	if ret != 0 {
		return false
	}
	first, _ := s.Interp.New.Load[0].Pages()
	base -= first
	s.clearTails(t, base)
	s.Interp.Mapped(t, base)
	for _, r := range ranges(s.Interp.Old) {
		if r.holds(s.Interp.Old.Entry) {
			last.SetNr(unix.SYS_MUNMAP)
			last.SetArg(0, s.old+r.from)
			last.SetArg(1, r.to-r.from)
		}
	}
	last.SetIP(base + s.Interp.New.Entry)
	return true
}

// clearTails writes zeros where a segment ends before its last page does.
func (s *start) clearTails(t *ptrace.Thread, base uint64) {
	for i := range s.Interp.New.Load {
		l := &s.Interp.New.Load[i]
		if end := l.Addr + l.FileSize; l.MemSize > l.FileSize && end < l.FilePages() {
			t.Mem.Write(base+end, make([]byte, l.FilePages()-end))
		}
	}
}

// peek reads what poke is to write over, nil if it cannot.
func peek(tid int, addr uint64, n int) []byte {
	b := make([]byte, n)
	if ptrace.MemoryOf(tid).Read(addr, b) != nil {
		return nil
	}
	return b
}

// poke writes to memory that the guest itself may not write to.
func poke(tid int, addr uint64, b []byte) bool {
	for ; len(b) > 0; b, addr = b[8:], addr+8 {
		if request(unix.PTRACE_POKEDATA, tid, uintptr(addr), uintptr(binary.NativeEndian.Uint64(b))) != 0 {
			return false
		}
	}
	return true
}
