package binfmt

import (
	"bytes"
	"debug/elf"
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/hostpath"
)

// Kind of an executable.
type Kind uint8

const (
	Other  Kind = iota // the kernel will say what it thinks of it
	Script             // begins with #!
	ELF                // of 64 bits
	ELF32
)

// Header is what the start of an executable says about how to run it.
type Header struct {
	Kind        Kind
	Interp, Arg string
	HasArg      bool   // Arg counts, even if empty
	Caps        string // security.capability of the file itself, empty if it has none
}

// headerSize is how much of a file the kernel looks at (BINPRM_BUF_SIZE).
const headerSize = 256

// Read reads the header of a host file; ok is false if it cannot be opened.
func Read(host string) (h Header, ok bool) {
	f, err := hostpath.OpenFile(host, os.O_RDONLY|unix.O_CLOEXEC|unix.O_NOATIME, 0)
	if errors.Is(err, unix.EPERM) { // another's file
		f, err = hostpath.OpenFile(host, os.O_RDONLY|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		return h, false
	}
	defer f.Close()
	var b [headerSize]byte
	n := 0
	if st, err := f.Stat(); err == nil && st.Size() > 0 { // else the kernel leaves the access time, too
		n, _ = f.ReadAt(b[:], 0)
	}
	switch {
	case bytes.HasPrefix(b[:n], []byte("#!")):
		h = scriptHeader(b[2:n])
	case bytes.HasPrefix(b[:n], []byte(elf.ELFMAG)) && n > elf.EI_CLASS:
		h = Header{Kind: ELF, Interp: interpOf(f, b[:n])}
		if elf.Class(b[elf.EI_CLASS]) != elf.ELFCLASS64 {
			h.Kind = ELF32
		}
	}
	var caps [64]byte
	if n, err := unix.Fgetxattr(int(f.Fd()), cred.XattrCaps, caps[:]); err == nil {
		h.Caps = string(caps[:n])
	}
	return h, true
}

// Touch gives a script the access time that the kernel would, had it read it.
func Touch(host string) {
	f, err := hostpath.OpenFile(host, os.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	var b [1]byte
	f.ReadAt(b[:], 0)
	f.Close()
}
