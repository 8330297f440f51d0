package arch

// arm64 has no PTRACE_POKEUSER for registers; the register set is used.
const (
	CanPokeUser = false
	UserNr      = 0
	UserRet     = 0
)

// RetIsNr: x8 holds the number and x0 the result; a slipped-in call would show.
const RetIsNr = false
