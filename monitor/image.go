package monitor

import (
	"debug/elf"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// image is what a loader says of its place in memory, nil if it is none.
func (m *Monitor) image(path string) *ptrace.Image {
	a, err := vfs.HostStatAt(unix.AT_FDCWD, path, 0)
	if err != nil || a.Kind() != unix.S_IFREG {
		return nil
	}
	return m.images.Of(path, &a, func(path string) (*ptrace.Image, bool) { return readImage(path), true })
}

// mostSegments and longestImage are beyond any loader's, and keep what is made of
// a hostile one small.
const (
	mostSegments = 16
	longestImage = 1 << 28
)

// readImage reads a shared object for this CPU, nil if it is none that can be
// mapped as a whole.
func readImage(path string) *ptrace.Image {
	file, err := hostpath.OpenFile(path, os.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer file.Close()
	f, err := elf.NewFile(file)
	if err != nil {
		return nil
	}
	is32 := f.Class == elf.ELFCLASS32 && f.Machine == elf.EM_386
	if !is32 && (f.Class != elf.ELFCLASS64 || f.Machine != elf.EM_X86_64) || f.Type != elf.ET_DYN {
		return nil
	}
	im := &ptrace.Image{ABI: arch.ABI(is32), Entry: f.Entry}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Memsz > 0 {
			im.Load = append(im.Load, ptrace.Segment{Off: p.Off, Addr: p.Vaddr, FileSize: p.Filesz, MemSize: p.Memsz, Prot: prot(p.Flags)})
		}
	}
	if !soundImage(im) {
		return nil
	}
	return im
}

func prot(f elf.ProgFlag) (p uint64) {
	for flag, bit := range map[elf.ProgFlag]uint64{elf.PF_R: unix.PROT_READ, elf.PF_W: unix.PROT_WRITE, elf.PF_X: unix.PROT_EXEC} {
		if f&flag != 0 {
			p |= bit
		}
	}
	return p
}

// soundImage tells whether an image is one that the kernel would map, page by
// page, and its entry is code of it.
func soundImage(im *ptrace.Image) bool {
	if len(im.Load) == 0 || len(im.Load) > mostSegments {
		return false
	}
	var end uint64
	for i := range im.Load {
		l := &im.Load[i]
		if l.Addr >= longestImage || l.MemSize >= longestImage || l.FileSize > l.MemSize || l.FileSize == 0 ||
			l.Off%4096 != l.Addr%4096 {
			return false
		}
		from, to := l.Pages()
		if from < end {
			return false
		}
		end = to
	}
	return slices.ContainsFunc(im.Load, func(l ptrace.Segment) bool {
		return l.Prot&unix.PROT_EXEC != 0 && im.Entry >= l.Addr && im.Entry-l.Addr < l.FileSize
	})
}
