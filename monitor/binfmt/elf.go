package binfmt

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/hostpath"
)

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

// longestInterp is PATH_MAX, bytes (load_elf_binary in fs/binfmt_elf.c).
const longestInterp = 4096

func interpOf(f *os.File, ehdr []byte) string {
	_, ph := interpHeader(f, ehdr)
	if ph == nil {
		return ""
	}
	size := binary.NativeEndian.Uint64(ph[phdrFilesz:])
	if size < 2 || size > longestInterp {
		return ""
	}
	b := make([]byte, size)
	if n, _ := f.ReadAt(b, int64(binary.NativeEndian.Uint64(ph[phdrOffset:]))); n != len(b) {
		return ""
	}
	name, _, _ := bytes.Cut(b, []byte{0})
	return string(name)
}

// CopyWithInterp copies an ELF program and lets PT_INTERP point to a string
// behind its end. ENOEXEC if it has no PT_INTERP.
func CopyWithInterp(from, to, interp string) error {
	in, err := hostpath.OpenFile(from, os.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o755)
	if err != nil {
		return err
	}
	defer out.Close()
	size, err := io.Copy(out, in)
	if err != nil {
		return err
	}
	var ehdr [64]byte
	if _, err := in.ReadAt(ehdr[:], 0); err != nil {
		return err
	}
	at, ph := interpHeader(in, ehdr[:])
	if ph == nil {
		return unix.ENOEXEC
	}
	text := append([]byte(interp), 0)
	binary.NativeEndian.PutUint64(ph[phdrOffset:], uint64(size))
	binary.NativeEndian.PutUint64(ph[phdrFilesz:], uint64(len(text)))
	if _, err := out.WriteAt(ph, at); err != nil {
		return err
	}
	if _, err := out.WriteAt(text, size); err != nil {
		return err
	}
	return out.Close()
}
