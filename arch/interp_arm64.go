package arch

// InterpCode, CommCode and CommCode32 are nil where there is none.
var InterpCode, CommCode, CommCode32 []byte

// InterpOpen and InterpEnd are the calls of InterpCode that a filter catches.
const InterpOpen, InterpEnd = -1, -1

// InterpStep is one call of InterpCode's table.
type InterpStep struct {
	Nr                     int64
	Addr, Len, Prot, Flags uint64
	FD, Off, Based         uint64
}

// StartInterp has nothing to start.
func (*Regs) StartInterp(path, how, howSize, table uint64) {}

// InterpResult is that of nothing.
func (*Regs) InterpResult() (base uint64, ret int64) { return 0, 0 }
