package monitor

import (
	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/ptrace"
)

// Entries of the auxiliary vector (getauxval(3), include/uapi/linux/auxvec.h).
const (
	auxNull     = 0
	auxBase     = 7
	auxUID      = 11
	auxEUID     = 12
	auxGID      = 13
	auxEGID     = 14
	auxSecure   = 23
	auxExecName = 31
)

// longestStack is what execve(2) takes of arguments and environment, in bytes;
// the pointers to them come on top.
const longestStack = 8 << 20

// identify tells a new program, which has not run yet, who it is: ld.so and
// getauxval(3) look into the auxiliary vector, above the environment.
func identify(t *ptrace.Thread, c *cred.Cred, secure bool) {
	editAux(t, func(aux auxv) { aux.identify(c, secure) })
}

// setBase tells a new program where its interpreter is.
func setBase(t *ptrace.Thread, base uint64) {
	editAux(t, func(aux auxv) { aux.set(auxBase, base) })
}

// Auxv makes a task's auxiliary vector, as procfs has it, what the program was
// given.
func (m *Monitor) Auxv(tid int, aux []byte) {
	t := m.taskOf(tid)
	if t == nil {
		return
	}
	v := auxv{aux, t.abi}
	if t.interp != 0 {
		v.set(auxBase, t.interp)
	}
	if t.began != nil {
		v.identify(t.began, t.secure)
	}
}

// setExecName tells a new program by which path it was executed, in place of one
// that is not shorter.
func setExecName(t *ptrace.Thread, name string) {
	editAux(t, func(aux auxv) {
		for i := range aux.len() {
			if aux.key(i) != auxExecName {
				continue
			}
			at := aux.value(i)
			var buf [ptrace.PathMax]byte
			was, err := t.Mem.ReadString(at, buf[:])
			if err == nil && len(was) >= len(name) {
				t.Mem.Write(at, append([]byte(name), make([]byte, len(was)-len(name))...))
			}
		}
	})
}

// editAux changes the auxiliary vector of a program that has not run yet.
func editAux(t *ptrace.Thread, edit func(auxv)) {
	sp := t.SP
	for size := 16 << 10; size <= longestStack; size *= 4 {
		b := make([]byte, size)
		b = b[:t.Mem.ReadSome(sp, b)]
		if at, end, ok := auxiliary(b, t.ABI); ok {
			edit(auxv{b[at:end], t.ABI})
			t.Mem.Write(sp+uint64(at), b[at:end])
			return
		}
		if len(b) < size {
			return
		}
	}
}

// auxiliary finds the vector in a copy of the stack: after the count and the
// pointers of the arguments and those of the environment. ok is false if the
// copy does not reach to its end.
func auxiliary(stack []byte, abi arch.ABI) (at, end int, ok bool) {
	n := len(stack) / abi.Word()
	if n == 0 {
		return 0, 0, false
	}
	argc := abi.At(stack, 0)
	if argc > longestStack/8 {
		return 0, 0, false
	}
	i := 1 + int(argc) + 1
	for ; i < n && abi.At(stack, i) != 0; i++ {
	}
	at = i + 1
	for end = at; end+1 < n; end += 2 {
		if abi.At(stack, end) == auxNull {
			return at * abi.Word(), end * abi.Word(), true
		}
	}
	return 0, 0, false
}

// auxv is an auxiliary vector: pairs of words, a key and its value.
type auxv struct {
	b   []byte
	abi arch.ABI
}

func (v auxv) len() int           { return len(v.b) / (2 * v.abi.Word()) }
func (v auxv) key(i int) uint64   { return v.abi.At(v.b, 2*i) }
func (v auxv) value(i int) uint64 { return v.abi.At(v.b, 2*i+1) }

// set changes the value of a key where there is one.
func (v auxv) set(key, value uint64) {
	for i := range v.len() {
		if v.key(i) == key {
			v.abi.Put(v.b, 2*i+1, value)
		}
	}
}

func (v auxv) identify(c *cred.Cred, secure bool) {
	v.set(auxUID, uint64(c.UID))
	v.set(auxEUID, uint64(c.EUID))
	v.set(auxGID, uint64(c.GID))
	v.set(auxEGID, uint64(c.EGID))
	value := uint64(0)
	if secure {
		value = 1
	}
	v.set(auxSecure, value)
}
