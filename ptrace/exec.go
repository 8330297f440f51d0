package ptrace

import "github.com/veduta/veduta/arch"

// Exec is what an exec leaves to do before the new program has run.
type Exec struct {
	Interp *Interp // nil: the kernel's is the right one
	Comm   string  // the task's name, if another than the kernel gives it; 15 bytes at most
}

// Interp is an ELF interpreter to put in the place of the one that the kernel
// maps at an exec, before it has run.
type Interp struct {
	Path string // of its file, to the monitor and to the kernel
	New  *Image
	Old  *Image // that of the kernel
	// Mapped is told where the new one is, before it runs.
	Mapped func(t *Thread, base uint64)
}

// Image is what an ELF file says of its place in memory (elf(5)).
type Image struct {
	ABI   arch.ABI // of the programs that it is for
	Entry uint64
	Load  []Segment // in ascending order, none on a page of another
}

// Segment is a PT_LOAD program header. Prot is that of mmap(2).
type Segment struct {
	Off, Addr, FileSize, MemSize, Prot uint64
}

// Pages is where a segment begins and ends in whole pages.
func (s *Segment) Pages() (from, to uint64) {
	return s.Addr &^ (pageSize - 1), (s.Addr + s.MemSize + pageSize - 1) &^ (pageSize - 1)
}

// FilePages is where the pages end that the file fills.
func (s *Segment) FilePages() uint64 { return (s.Addr + s.FileSize + pageSize - 1) &^ (pageSize - 1) }
