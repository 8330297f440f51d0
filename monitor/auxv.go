package monitor

import (
	"encoding/binary"
	"strconv"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/ptrace"
)

// Entries of the auxiliary vector (getauxval(3), include/uapi/linux/auxvec.h).
const (
	auxNull   = 0
	auxUID    = 11
	auxEUID   = 12
	auxGID    = 13
	auxEGID   = 14
	auxSecure = 23
)

// longestStack is what execve(2) takes of arguments and environment, in bytes;
// the pointers to them come on top.
const longestStack = 8 << 20

// identify tells a new program, which has not run yet, who it is: ld.so and
// getauxval(3) look into the auxiliary vector, above the environment.
func identify(t *ptrace.Thread, c *cred.Cred, secure bool) {
	sp, ok := startStack(t.TID)
	if !ok {
		return
	}
	for size := 16 << 10; size <= longestStack; size *= 4 {
		b := make([]byte, size)
		b = b[:t.Mem.ReadSome(sp, b)]
		if at, end, ok := auxiliary(b); ok {
			aux := b[at:end]
			setAux(aux, c, secure)
			t.Mem.Write(sp+uint64(at), aux)
			return
		}
		if len(b) < size {
			return
		}
	}
}

// startStack is where the kernel put the stack of a new program.
func startStack(tid int) (uint64, bool) {
	f := taskStat(tid)
	if f == nil {
		return 0, false
	}
	sp, err := strconv.ParseUint(f[statStack], 10, 64)
	return sp, err == nil && sp != 0
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
