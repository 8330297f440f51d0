package monitor

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

func entriesNamed(names ...string) (out []vfs.Dirent) {
	for i, n := range names {
		out = append(out, vfs.Dirent{Name: n, Ino: uint64(i + 1), Type: unix.DT_REG})
	}
	return out
}

// twins are two names of one hash.
func twins(t *testing.T) (a, b string) {
	t.Helper()
	seen := map[uint32]string{}
	for i := range 1 << 20 {
		n := fmt.Sprintf("name%d", i)
		h := fnv.New32a()
		h.Write([]byte(n))
		if o, ok := seen[h.Sum32()]; ok {
			return min(n, o), max(n, o)
		}
		seen[h.Sum32()] = n
	}
	t.Fatal("no two names of one hash")
	return "", ""
}

func checkOrder(t *testing.T, placed []placedEntry) {
	t.Helper()
	for i, e := range placed {
		if e.offset <= 0 || e.offset >= listOf(false).end {
			t.Errorf("%s has offset %#x", e.Name, e.offset)
		}
		if i > 0 && e.offset <= placed[i-1].offset {
			t.Errorf("%s has offset %#x behind %#x", e.Name, e.offset, placed[i-1].offset)
		}
	}
}

func TestOrder(t *testing.T) {
	a, b := twins(t)
	names := []string{b, "x", "..", a, "."}
	for i := range 5000 {
		names = append(names, fmt.Sprint("n", i))
	}
	placed := listOf(false).order(entriesNamed(names...))
	checkOrder(t, placed)
	if len(placed) != len(names) || placed[0].Name != "." || placed[1].Name != ".." {
		t.Fatalf("%d entries, the first are %s and %s", len(placed), placed[0].Name, placed[1].Name)
	}
	// Others that come and go move nobody.
	offset := map[string]int64{}
	for _, e := range placed {
		offset[e.Name] = e.offset
	}
	for _, e := range listOf(false).order(entriesNamed(names[:len(names)/2]...)) {
		if offset[e.Name] != e.offset {
			t.Errorf("%s moved from %#x to %#x", e.Name, offset[e.Name], e.offset)
		}
	}
	if len(listOf(false).order(nil)) != 0 {
		t.Error("entries out of nothing")
	}
}

// Also where two names have one hash.
func TestOrderOfTwins(t *testing.T) {
	a, b := twins(t)
	alone := listOf(false).order(entriesNamed(b))[0].offset
	both := listOf(false).order(entriesNamed(a, b))
	checkOrder(t, both)
	if i := slices.IndexFunc(both, func(e placedEntry) bool { return e.Name == b }); both[i].offset != alone {
		t.Errorf("%s moved from %#x to %#x when %s came", b, alone, both[i].offset, a)
	}
}

func TestAppendDirent(t *testing.T) {
	for _, is64 := range []bool{true, false} {
		var b []byte
		for n := range 20 {
			name := fmt.Sprintf("%0*d", n+1, 7)
			e := placedEntry{vfs.Dirent{Name: name, Ino: 1 << 40, Type: unix.DT_LNK}, 1<<41 + int64(n)}
			b = direntForm{is64: is64}.append(nil, &e)
			size := int(binary.NativeEndian.Uint16(b[16:]))
			header, kind := 18, b[len(b)-1]
			if is64 {
				header, kind = 19, b[18]
			}
			if size != len(b) || size%8 != 0 || binary.NativeEndian.Uint64(b) != e.Ino ||
				int64(binary.NativeEndian.Uint64(b[8:])) != e.offset || kind != e.Type ||
				string(b[header:header+len(name)+1]) != name+"\x00" {
				t.Errorf("%v: %q is %x", is64, name, b)
			}
		}
	}
}
