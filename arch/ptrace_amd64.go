package arch

// Requests of ptrace(2) that are this CPU's (arch/x86/include/uapi/asm/ptrace-abi.h).
const (
	PtraceSysemu     = 31
	PtraceSysemuStep = 32
	PtraceBlockStep  = 33 // PTRACE_SINGLEBLOCK
	PtraceArchPrctl  = 30

	PtraceOldSetOptions = 21 // PTRACE_SETOPTIONS, too

	GetRegs = 12 // PTRACE_GETREGS: of Regs, whatever code the thread is in
	SetRegs = 13
)

// PtraceReads and PtraceWrites are requests that move registers to and from the
// tracer's data, with their size in bytes.
var (
	PtraceReads  = map[int]int{12: 27 * 8, 14: 512, 25: 16} // GETREGS GETFPREGS GET_THREAD_AREA
	PtraceWrites = map[int]int{13: 27 * 8, 15: 512, 26: 16} // SETREGS SETFPREGS SET_THREAD_AREA
)
