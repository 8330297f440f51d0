package binfmt

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/hostpath"
)

// layout is where things are in the ELF header and in program headers (elf(5)),
// and how large those are; in bytes.
type layout struct {
	abi                     arch.ABI
	ehdr, phentsize, phnum  int
	phdr                    int
	phoffWord, offset, size int // in words: of the ELF header, of a program header
}

var (
	layout64 = layout{abi: false, ehdr: 64, phentsize: 54, phnum: 56, phdr: 56, phoffWord: 4, offset: 1, size: 4}
	layout32 = layout{abi: arch.ABI32, ehdr: 52, phentsize: 42, phnum: 44, phdr: 32, phoffWord: 7, offset: 1, size: 4}
)

// phMax is more program headers than are looked at.
const phMax = 512

func layoutOf(ehdr []byte) layout {
	if elf.Class(ehdr[elf.EI_CLASS]) == elf.ELFCLASS64 {
		return layout64
	}
	return layout32
}

// interpHeader finds the program header of the interpreter: its offset in the
// file and its bytes.
func interpHeader(f *os.File, ehdr []byte) (at int64, ph []byte) {
	l := layoutOf(ehdr)
	if len(ehdr) < l.ehdr || int(binary.NativeEndian.Uint16(ehdr[l.phentsize:])) != l.phdr {
		return 0, nil
	}
	off := int64(l.abi.At(ehdr, l.phoffWord))
	n := min(int(binary.NativeEndian.Uint16(ehdr[l.phnum:])), phMax)
	all := make([]byte, n*l.phdr)
	if got, _ := f.ReadAt(all, off); got != len(all) {
		return 0, nil
	}
	for i := range n {
		ph := all[i*l.phdr : (i+1)*l.phdr]
		if elf.ProgType(binary.NativeEndian.Uint32(ph)) == elf.PT_INTERP {
			return off + int64(i*l.phdr), ph
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
	l := layoutOf(ehdr)
	size := l.abi.At(ph, l.size)
	if size < 2 || size > longestInterp {
		return ""
	}
	b := make([]byte, size)
	if n, _ := f.ReadAt(b, int64(l.abi.At(ph, l.offset))); n != len(b) {
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
	l := layoutOf(ehdr[:])
	l.abi.Put(ph, l.offset, uint64(size))
	l.abi.Put(ph, l.size, uint64(len(text)))
	if _, err := out.WriteAt(ph, at); err != nil {
		return err
	}
	if _, err := out.WriteAt(text, size); err != nil {
		return err
	}
	return out.Close()
}
