package arch

// InterpCode, CommCode and those of 32-bit programs are nil where there is none.
var InterpCode, CommCode, InterpCode32, CommCode32 []byte

// InterpOpen and InterpEnd are the calls of InterpCode that a filter catches.
const InterpOpen, InterpEnd = -1, -1

// InterpStep is one call of InterpCode's table.
type InterpStep struct {
	Nr                     int64
	Addr, Len, Prot, Flags uint64
	FD, Off, Based         uint64
}

// InterpTableSize is that of none.
func InterpTableSize(ABI, int) uint64 { return 0 }

// StartInterp has nothing to start.
func (*Regs) StartInterp(steps []InterpStep, table, path, how, howSize uint64) []byte { return nil }

// InterpResult is that of nothing.
func (*Regs) InterpResult() (base uint64, ret int64) { return 0, 0 }
