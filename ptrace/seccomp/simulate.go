package seccomp

import (
	"encoding/binary"

	"golang.org/x/net/bpf"
)

// Data is what a filter sees of a call (struct seccomp_data).
type Data struct {
	Nr   int32
	Arch uint32
	IP   uint64
	Args [6]uint64
}

// packet lays the words out for a VM that was made for network packets and
// reads big-endian; which word comes first in 64 bits stays the CPU's order.
func (d *Data) packet() []byte {
	words := []uint32{uint32(d.Nr), d.Arch, uint32(d.IP), uint32(d.IP >> 32)}
	for _, a := range d.Args {
		words = append(words, uint32(a), uint32(a>>32))
	}
	b := make([]byte, 0, 4*len(words))
	for _, w := range words {
		b = binary.BigEndian.AppendUint32(b, w)
	}
	return b
}

// Simulate runs a program outside of the kernel. An error means a program
// that is not valid.
func Simulate(prog []bpf.Instruction, d Data) (Action, error) {
	vm, err := bpf.NewVM(prog)
	if err != nil {
		return 0, err
	}
	answer, err := vm.Run(d.packet())
	return Action(answer), err
}
