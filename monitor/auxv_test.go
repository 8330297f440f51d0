package monitor

import (
	"encoding/binary"
	"testing"

	"github.com/veduta/veduta/cred"
)

func words(v ...uint64) (b []byte) {
	for _, w := range v {
		b = binary.NativeEndian.AppendUint64(b, w)
	}
	return b
}

func TestAuxiliary(t *testing.T) {
	stack := words(2, 0x10, 0x20, 0, 0x30, 0, auxUID, 7, auxSecure, 1, 6, 4096, auxNull, 0, 99)
	at, end, ok := auxiliary(stack, false)
	if !ok || at != 6*8 || end != 12*8 {
		t.Fatal(at, end, ok)
	}
	auxv{stack[at:end], false}.identify(cred.User(12, 13, nil), false)
	want := words(auxUID, 12, auxSecure, 0, 6, 4096)
	if string(stack[at:end]) != string(want) {
		t.Errorf("%x, want %x", stack[at:end], want)
	}
	for n := range end + 8 {
		if _, _, ok := auxiliary(stack[:n], false); ok {
			t.Errorf("found in %d bytes", n)
		}
	}
}

// FuzzAuxiliary: whatever lies on a stack, what is found lies in it.
func FuzzAuxiliary(f *testing.F) {
	f.Add(words(1, 1, 0, 0, auxUID, 0, auxNull, 0))
	f.Add(words(1<<63, 0))
	f.Add(words(0, 0, 0))
	f.Fuzz(func(t *testing.T, stack []byte) {
		at, end, ok := auxiliary(stack, false)
		if ok && (at < 0 || at > end || end+16 > len(stack) || (end-at)%16 != 0) {
			t.Fatal(at, end)
		}
		if ok {
			auxv{stack[at:end], false}.identify(cred.User(1, 2, nil), true)
		}
	})
}
