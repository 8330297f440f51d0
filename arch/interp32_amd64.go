package arch

// InterpCode32 is InterpCode for a 32-bit program. Its table is what the stack
// pointer stands at, a step as popa takes it; the first one opens the file. It
// changes the table: descriptor and base, once known, go to where they belong, and
// into the last step.
var InterpCode32 = []byte{
	0x61,       // popa
	0xcd, 0x80, // int $0x80
	0x85, 0xc0, // test %eax,%eax
	0x78, 0x50, // js done
	0x89, 0xe1, // mov %esp,%ecx
	// fd:
	0x83, 0x79, 0x1c, 0x00, // cmpl $0,28(%ecx)
	0x78, 0x07, // js fds
	0x09, 0x01, // or %eax,(%ecx)
	0x83, 0xc1, 0x20, // add $32,%ecx
	0xeb, 0xf3, // jmp fd
	// fds:
	0x89, 0x01, // mov %eax,(%ecx)
	0x61,       // popa
	0xcd, 0x80, // int $0x80
	0x3d, 0x01, 0xf0, 0xff, 0xff, // cmp $-4095,%eax
	0x73, 0x35, // jae done
	0x89, 0xe1, // mov %esp,%ecx
	// base:
	0x83, 0x79, 0x1c, 0x00, // cmpl $0,28(%ecx)
	0x78, 0x0d, // js based
	0x8b, 0x51, 0x0c, // mov 12(%ecx),%edx
	0x21, 0xc2, // and %eax,%edx
	0x01, 0x51, 0x10, // add %edx,16(%ecx)
	0x83, 0xc1, 0x20, // add $32,%ecx
	0xeb, 0xed, // jmp base
	// based:
	0x89, 0x41, 0x04, // mov %eax,4(%ecx)
	// step:
	0x83, 0x7c, 0x24, 0x1c, 0x00, // cmpl $0,28(%esp)
	0x78, 0x0c, // js close
	0x61,       // popa
	0xcd, 0x80, // int $0x80
	0x3d, 0x01, 0xf0, 0xff, 0xff, // cmp $-4095,%eax
	0x73, 0x0c, // jae done
	0xeb, 0xed, // jmp step
	// close:
	0x61,       // popa
	0x89, 0xfb, // mov %edi,%ebx
	0xb8, 0x06, 0x00, 0x00, 0x00, // mov $6,%eax (close)
	0xcd, 0x80, // int $0x80
	// done:
	0x89, 0xc5, // mov %eax,%ebp
	0xb8, 0x0b, 0x00, 0x00, 0x00, // mov $11,%eax (execve)
	0xcd, 0x80, // int $0x80
}

// CommCode32 is CommCode for a 32-bit program.
var CommCode32 = []byte{
	0xb8, 0xac, 0x00, 0x00, 0x00, // mov $172,%eax (prctl)
	0xcd, 0x80, // int $0x80
	0xb8, 0x0b, 0x00, 0x00, 0x00, // mov $11,%eax (execve)
	0xcd, 0x80, // int $0x80
	0x0f, 0x0b, // ud2
}

const pageShift = 12

// interpTable32 is the table in the order of popa: edi, esi, ebp, one that it
// leaves out, ebx, edx, ecx, eax.
func interpTable32(steps []InterpStep, path, how, howSize uint64) (b []byte) {
	open := InterpStep{Nr: InterpOpen, Addr: atFDCWD, Len: path, Prot: how, Flags: howSize}
	for _, s := range append([]InterpStep{open}, steps...) {
		nr := uint64(s.Nr)
		if s.Nr >= 0 {
			nr = uint64(Raw(compatTwin(int(s.Nr))))
		}
		b = ABI32.Append(b, s.FD, s.Flags, s.Off>>pageShift, s.Based, s.Addr, s.Prot, s.Len, nr)
	}
	return b
}
