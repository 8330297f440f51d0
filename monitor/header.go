package monitor

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
)

type headerKind uint8

const (
	headerOther headerKind = iota
	headerScript
	headerELF
	headerELF32
)

// header is what the start of an executable says about how to run it.
type header struct {
	kind        headerKind
	interp, arg string
	hasArg      bool   // arg counts, even if empty
	caps        string // security.capability of the file itself, nil if none
}

// headerCache remembers headers by file and change.
type headerCache struct {
	mu  sync.Mutex // guards all
	all map[headerKey]header
}

type headerKey struct {
	dev, ino, size uint64
	mtime, ctime   unix.StatxTimestamp
}

const mostHeaders = 4096

func (k *headerCache) read(host string, a *vfs.Attr) header {
	key := headerKey{a.Dev(), a.Ino, a.Size, a.Mtime, a.Ctime}
	k.mu.Lock()
	h, ok := k.all[key]
	k.mu.Unlock()
	if ok {
		return h
	}
	h, ok = readHeader(host)
	if !ok {
		return h
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil || len(k.all) >= mostHeaders {
		k.all = map[headerKey]header{}
	}
	k.all[key] = h
	return h
}

// headerSize is how much of a file the kernel looks at (BINPRM_BUF_SIZE).
const headerSize = 256

func readHeader(host string) (h header, ok bool) {
	f, err := hostpath.OpenFile(host, os.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return h, false
	}
	defer f.Close()
	var b [headerSize]byte
	n, _ := f.ReadAt(b[:], 0)
	switch {
	case bytes.HasPrefix(b[:n], []byte("#!")):
		h = scriptHeader(b[2:n])
	case bytes.HasPrefix(b[:n], []byte(elf.ELFMAG)) && n > elf.EI_CLASS:
		if elf.Class(b[elf.EI_CLASS]) != elf.ELFCLASS64 {
			h.kind = headerELF32
		} else {
			h = header{kind: headerELF, interp: interpOf(f, b[:n])}
		}
	}
	var caps [64]byte
	if n, err := unix.Fgetxattr(int(f.Fd()), cred.XattrCaps, caps[:]); err == nil {
		h.caps = string(caps[:n])
	}
	return h, true
}

// scriptHeader takes what follows "#!" apart as load_script does
// (fs/binfmt_script.c): one interpreter and at most one argument, which may be
// empty. The kernel looks at a buffer filled up with NULs; the last byte of one
// without a newline does not count.
func scriptHeader(b []byte) header {
	var buf [headerSize - 2]byte
	n := copy(buf[:], b)
	line, _, whole := bytes.Cut(buf[:n], []byte{'\n'})
	if i := bytes.IndexByte(line, 0); i >= 0 {
		whole = false // the newline is behind the end of the text
	}
	if !whole {
		line = buf[:]
		name := bytes.TrimLeft(line, " \t")
		if len(name) == 0 || !bytes.ContainsAny(name, " \t\x00") {
			return header{} // the name may go on: ENOEXEC
		}
		line = line[:len(line)-1]
	}
	line = bytes.Trim(line, " \t")
	h := header{kind: headerScript}
	i := bytes.IndexAny(line, " \t\x00")
	if i < 0 {
		h.interp = string(line)
	} else {
		h.interp = string(line[:i])
		if line[i] != 0 {
			arg, _, _ := bytes.Cut(bytes.TrimLeft(line[i:], " \t"), []byte{0})
			h.arg, h.hasArg = string(arg), true
		}
	}
	if h.interp == "" {
		return header{}
	}
	return h
}

// Offsets in the 64-bit ELF header and program headers (elf(5)).
const (
	elfPhoff, elfPhentsize, elfPhnum        = 32, 54, 56
	phdrSize, phdrOffset, phdrFilesz, phMax = 56, 8, 32, 512
)

// interpHeader finds the program header of the interpreter: its offset in the
// file and its bytes.
func interpHeader(f *os.File, ehdr []byte) (at int64, ph []byte) {
	if len(ehdr) < 64 || int(binary.NativeEndian.Uint16(ehdr[elfPhentsize:])) != phdrSize {
		return 0, nil
	}
	off := int64(binary.NativeEndian.Uint64(ehdr[elfPhoff:]))
	n := min(int(binary.NativeEndian.Uint16(ehdr[elfPhnum:])), phMax)
	all := make([]byte, n*phdrSize)
	if got, _ := f.ReadAt(all, off); got != len(all) {
		return 0, nil
	}
	for i := range n {
		ph := all[i*phdrSize : (i+1)*phdrSize]
		if elf.ProgType(binary.NativeEndian.Uint32(ph)) == elf.PT_INTERP {
			return off + int64(i*phdrSize), ph
		}
	}
	return 0, nil
}

func interpOf(f *os.File, ehdr []byte) string {
	_, ph := interpHeader(f, ehdr)
	if ph == nil {
		return ""
	}
	size := binary.NativeEndian.Uint64(ph[phdrFilesz:])
	if size < 2 || size > 4096 {
		return ""
	}
	b := make([]byte, size)
	if n, _ := f.ReadAt(b, int64(binary.NativeEndian.Uint64(ph[phdrOffset:]))); n != len(b) {
		return ""
	}
	name, _, _ := bytes.Cut(b, []byte{0})
	return string(name)
}
