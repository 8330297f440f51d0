package arch

import "encoding/binary"

// ABI says how long a word is in the structures of a call: a long, a pointer, a
// size_t. The zero ABI is that of this CPU's table, the other one that of the
// 32-bit table. What is made of words and nothing else lies in both alike,
// counted in words: struct iovec, msghdr, sock_fprog, timespec, timeval, utimbuf,
// argv and the auxiliary vector.
type ABI bool

// ABI32 is that of calls with Compat numbers.
const ABI32 ABI = true

// ABIOf is that of a call.
func ABIOf(nr int) ABI { return ABI(IsCompat(nr)) }

// Word is the size of a word in bytes.
func (a ABI) Word() int {
	if a {
		return 4
	}
	return 8
}

// At is word i of b.
func (a ABI) At(b []byte, i int) uint64 {
	if a {
		return uint64(binary.NativeEndian.Uint32(b[4*i:]))
	}
	return binary.NativeEndian.Uint64(b[8*i:])
}

// IntAt is word i of b with its sign.
func (a ABI) IntAt(b []byte, i int) int64 {
	if a {
		return int64(int32(a.At(b, i)))
	}
	return int64(a.At(b, i))
}

// Put sets word i of b.
func (a ABI) Put(b []byte, i int, v uint64) {
	if a {
		binary.NativeEndian.PutUint32(b[4*i:], uint32(v))
	} else {
		binary.NativeEndian.PutUint64(b[8*i:], v)
	}
}

// Append adds words.
func (a ABI) Append(b []byte, words ...uint64) []byte {
	for _, v := range words {
		if a {
			b = binary.NativeEndian.AppendUint32(b, uint32(v))
		} else {
			b = binary.NativeEndian.AppendUint64(b, v)
		}
	}
	return b
}
