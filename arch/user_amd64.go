package arch

// PTRACE_POKEUSER reaches the call's number and result directly
// (include/uapi/asm/ptrace.h): cheaper than a whole register set.
const (
	CanPokeUser = true
	UserNr      = 15 * 8 // orig_rax
	UserRet     = 10 * 8 // rax
)

// RetIsNr: the register of the result is that of the call's number, so that a
// call slipped in before a new task's first instruction leaves no trace.
const RetIsNr = true
