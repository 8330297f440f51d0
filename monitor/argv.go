package monitor

import (
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
	abi, words := c.abi(), len(front)+len(rest)+1
	a := ptrace.Arg{Set: true, Bytes: make([]byte, words*abi.Word())}
	for i, s := range front {
		abi.Put(a.Bytes, i, uint64(len(a.Bytes)))
		a.Pointers = append(a.Pointers, i)
		a.Bytes = append(append(a.Bytes, s...), 0)
	}
	for i, v := range rest {
		abi.Put(a.Bytes, len(front)+i, v)
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
	abi := c.abi()
	for len(out) < maxArgs {
		n := c.thread.Mem.ReadSome(addr, b[:]) / abi.Word()
		if n == 0 {
			return nil, unix.EFAULT
		}
		for i := range n {
			v := abi.At(b[:], i)
			if v == 0 {
				return out, nil
			}
			out = append(out, v)
		}
		addr += uint64(n * abi.Word())
	}
	return nil, unix.E2BIG
}
