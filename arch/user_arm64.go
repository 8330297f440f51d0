package arch

// arm64 has no PTRACE_POKEUSER for registers; the register set is used.
const (
	CanPokeUser = false
	UserNr      = 0
	UserRet     = 0
)
