package monitor

import (
	"encoding/binary"

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
	editAux(t, func(aux []byte) { setAux(aux, c, secure) })
}

// setBase tells a new program where its interpreter is.
func setBase(t *ptrace.Thread, base uint64) {
	editAux(t, func(aux []byte) { setAuxBase(aux, base) })
}

// Auxv makes a task's auxiliary vector, as procfs has it, what the program was
// given.
func (m *Monitor) Auxv(tid int, aux []byte) {
	t := m.taskOf(tid)
	if t == nil {
		return
	}
	if t.interp != 0 {
		setAuxBase(aux, t.interp)
	}
	if t.began != nil {
		setAux(aux, t.began, t.secure)
	}
}

// setExecName tells a new program by which path it was executed, in place of one
// that is not shorter.
func setExecName(t *ptrace.Thread, name string) {
	editAux(t, func(aux []byte) {
		for ; len(aux) >= 16; aux = aux[16:] {
			if binary.NativeEndian.Uint64(aux) != auxExecName {
				continue
			}
			at := binary.NativeEndian.Uint64(aux[8:])
			var buf [ptrace.PathMax]byte
			was, err := t.Mem.ReadString(at, buf[:])
			if err == nil && len(was) >= len(name) {
				t.Mem.Write(at, append([]byte(name), make([]byte, len(was)-len(name))...))
			}
		}
	})
}

// editAux changes the auxiliary vector of a program that has not run yet.
func editAux(t *ptrace.Thread, edit func(aux []byte)) {
	sp := t.SP
	for size := 16 << 10; size <= longestStack; size *= 4 {
		b := make([]byte, size)
		b = b[:t.Mem.ReadSome(sp, b)]
		if at, end, ok := auxiliary(b); ok {
			aux := b[at:end]
			edit(aux)
			t.Mem.Write(sp+uint64(at), aux)
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
func auxiliary(stack []byte) (at, end int, ok bool) {
	if len(stack) < 8 {
		return 0, 0, false
	}
	argc := binary.NativeEndian.Uint64(stack)
	if argc > longestStack/8 {
		return 0, 0, false
	}
	at = 8 * (1 + int(argc) + 1)
	for ; at+8 <= len(stack); at += 8 {
		if binary.NativeEndian.Uint64(stack[at:]) == 0 {
			break
		}
	}
	at += 8
	for end = at; end+16 <= len(stack); end += 16 {
		if binary.NativeEndian.Uint64(stack[end:]) == auxNull {
			return at, end, true
		}
	}
	return 0, 0, false
}

func setAux(aux []byte, c *cred.Cred, secure bool) {
	for ; len(aux) >= 16; aux = aux[16:] {
		value := aux[8:]
		switch binary.NativeEndian.Uint64(aux) {
		case auxUID:
			binary.NativeEndian.PutUint64(value, uint64(c.UID))
		case auxEUID:
			binary.NativeEndian.PutUint64(value, uint64(c.EUID))
		case auxGID:
			binary.NativeEndian.PutUint64(value, uint64(c.GID))
		case auxEGID:
			binary.NativeEndian.PutUint64(value, uint64(c.EGID))
		case auxSecure:
			binary.NativeEndian.PutUint64(value, 0)
			if secure {
				binary.NativeEndian.PutUint64(value, 1)
			}
		}
	}
}

func setAuxBase(aux []byte, base uint64) {
	for ; len(aux) >= 16; aux = aux[16:] {
		if binary.NativeEndian.Uint64(aux) == auxBase {
			binary.NativeEndian.PutUint64(aux[8:], base)
		}
	}
}
