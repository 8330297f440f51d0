package arch

// Requests of ptrace(2) that are this CPU's (arch/arm64/include/uapi/asm/ptrace.h);
// negative: there is no such request.
const (
	PtraceSysemu     = 31
	PtraceSysemuStep = 32
	PtraceBlockStep  = -1
	PtraceArchPrctl  = -2

	PtraceOldSetOptions = -4

	GetRegs = -3
	SetRegs = -3
)

// PtraceReads and PtraceWrites are requests that move registers to and from the
// tracer's data, with their size in bytes: the regsets do it here.
var (
	PtraceReads  = map[int]int{}
	PtraceWrites = map[int]int{}
)
