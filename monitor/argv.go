package monitor

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

// maxArgs bounds an argument list; the kernel's own limit (E2BIG) comes after.
const maxArgs = 1 << 20

// argv makes an argument array: the strings of front, then the guest's own
// pointers behind its argv[0].
func (c *call) argv(front []string) (ptrace.Arg, error) {
	rest, err := c.pointers(c.value(sysent.Argv))
	if err != nil {
		return ptrace.Arg{}, err
	}
	if len(rest) > 0 {
		rest = rest[1:]
	}
	words := len(front) + len(rest) + 1
	a := ptrace.Arg{Set: true, Bytes: make([]byte, words*sizeofPtr)}
	for i, s := range front {
		binary.NativeEndian.PutUint64(a.Bytes[i*sizeofPtr:], uint64(len(a.Bytes)))
		a.Pointers = append(a.Pointers, i)
		a.Bytes = append(append(a.Bytes, s...), 0)
	}
	for i, v := range rest {
		binary.NativeEndian.PutUint64(a.Bytes[(len(front)+i)*sizeofPtr:], v)
	}
	return a, nil
}

// pointers reads a NULL-terminated array.
func (c *call) pointers(addr uint64) ([]uint64, error) {
	var out []uint64
	if addr == 0 {
		return nil, nil
	}
	var b [64 * 8]byte
	for len(out) < maxArgs {
		n := c.thread.Mem.ReadSome(addr, b[:]) / sizeofPtr
		if n == 0 {
			return nil, unix.EFAULT
		}
		for i := range n {
			v := binary.NativeEndian.Uint64(b[i*sizeofPtr:])
			if v == 0 {
				return out, nil
			}
			out = append(out, v)
		}
		addr += uint64(n * sizeofPtr)
	}
	return nil, unix.E2BIG
}
