package monitor

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
)

// headersAt lays message headers against the end of the guest's memory; the bytes
// of their names lie before them, and each that has one gets its address.
func (g *guest) headersAt(heads, name []byte, stride int) (all, names []byte, at uint64) {
	all, at = g.put(heads)
	names = g.mem[:min(len(name), len(g.mem)-len(all))]
	copy(names, name)
	for i := 0; i+stride <= len(all); i += stride {
		if h := all[i:]; h[0]&1 != 0 {
			binary.NativeEndian.PutUint64(h, addr(g.mem)+uint64(h[1]))
		}
	}
	return all, names, at
}

// mmsghdr is a struct mmsghdr whose name is at that place among the names.
func mmsghdr(place byte, size uint32) []byte {
	h := make([]byte, 8*mmsghdrWords)
	h[0], h[1] = 1, place
	binary.NativeEndian.PutUint32(h[8*msgNamelen:], size)
	return h
}

// FuzzSentMessages: as many headers are seen as the kernel could read, each with
// the address that it would read.
func FuzzSentMessages(f *testing.F) {
	name := []byte("\x01\x00/run/sock\x00")
	f.Add(mmsghdr(0, 12), name, uint32(1))
	f.Add(append(mmsghdr(0, 12), mmsghdr(3, 4000)...), name, uint32(9))
	f.Add(append(make([]byte, 8*mmsghdrWords), mmsghdr(0, 1<<31)...), name, uint32(2))
	f.Add([]byte("short"), name, uint32(1))
	g := newGuest(f)
	m, _ := hotMonitor(f)
	f.Fuzz(func(t *testing.T, heads, name []byte, vlen uint32) {
		all, _, at := g.headersAt(heads, name, 8*mmsghdrWords)
		c := calling(m, unix.SYS_SENDMMSG, 0, at, uint64(vlen), 0)
		got, stride, err := c.headers()
		want := min(len(all)/stride, int(min(vlen, mostMessages)))
		if len(got) != want*stride || !bytes.Equal(got, all[:len(got)]) || (err != nil) != (want == 0 && vlen > 0) {
			t.Fatalf("%d bytes of %d for %d messages: %v", len(got), len(all), vlen, err)
		}
		for i := 0; i < len(got); i += stride {
			checkRecipient(t, c, got[i:], g)
		}
		if v := c.sendmsg(); v.Kind == ptrace.KindRewrite {
			checkSent(t, v.Rewrite)
			if v.Rewrite.Through > 0 {
				unix.Close(v.Rewrite.Through)
			}
		}
	})
}

// checkRecipient compares an address with what is in memory.
func checkRecipient(t *testing.T, c *call, head []byte, g *guest) {
	t.Helper()
	at, n := le64(head), int32(binary.NativeEndian.Uint32(head[8*msgNamelen:]))
	a, ok := c.recipient(head)
	from := int64(at - addr(g.mem))
	if from < 0 || from >= int64(len(g.mem)) {
		return // elsewhere in this process, or nowhere
	}
	have := g.mem[from:]
	size := min(int(n), addrMax)
	want := n >= sunPath && size <= len(have) && binary.NativeEndian.Uint16(have) == unix.AF_UNIX
	if ok != want || ok && !bytes.Equal(a, have[:size]) {
		t.Errorf("address %q, %v of %d bytes", a, ok, n)
	}
}

// checkSent: the address that follows a header of ours is all of it.
func checkSent(t *testing.T, r *ptrace.Rewrite) {
	t.Helper()
	head := r.Args[1].Bytes
	if len(head) > 8*msghdrWords && (le64(head) != 8*msghdrWords || int(binary.NativeEndian.Uint32(head[8*msgNamelen:])) != len(head)-8*msghdrWords) {
		t.Errorf("header %x", head)
	}
}

// FuzzReceivedNames: whatever the guest says of the room for a sender's name, and
// whatever it makes of it meanwhile, nothing is written beyond it.
func FuzzReceivedNames(f *testing.F) {
	const host = "/run/backing/of/a/socket"
	name := []byte("\x01\x00" + host + "\x00")
	f.Add(name, int32(110), uint32(len(name)))
	f.Add(name, int32(10), uint32(len(name)))
	f.Add(name, int32(-1), uint32(1<<31))
	f.Add(name[:8], int32(8), uint32(len(name)))
	m, g := withPaths(f), newGuest(f)
	m.boundNames.add(host, boundName{given: "/a/name/of/the/view/that/is/longer/than/what/the/kernel/knows", host: host})
	th := &ptrace.Thread{TID: os.Getpid(), Mem: ptrace.MemoryOf(os.Getpid())}
	f.Fuzz(func(t *testing.T, name []byte, room int32, said uint32) {
		clear(g.mem)
		binary.NativeEndian.PutUint32(g.mem, said)
		_, at := g.put(name[:min(len(name), 256)])
		before := bytes.Clone(g.mem)
		m.rename(th, sender{at: at, lenAt: addr(g.mem), room: int(room)})
		start := int(at - addr(g.mem))
		end := min(start+max(int(room), 0), len(g.mem))
		if !bytes.Equal(g.mem[4:start], before[4:start]) || !bytes.Equal(g.mem[end:], before[end:]) {
			t.Errorf("written outside of %d bytes", room)
		}
	})
}
