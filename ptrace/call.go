package ptrace

// Call is one system call of a guest, caught at its entry.
type Call struct {
	Nr   int    // number in the table of Arch
	Arch uint32 // AUDIT_ARCH_ value (include/uapi/linux/audit.h)
	Args [6]uint64
	IP   uint64 // address after the syscall instruction
}

// Int is argument i as the C int that the kernel takes it for.
func (c *Call) Int(i int) int { return int(int32(c.Args[i])) }

// Uint32 is argument i as the kernel's unsigned int (uid_t, mode_t …).
func (c *Call) Uint32(i int) uint32 { return uint32(c.Args[i]) }
