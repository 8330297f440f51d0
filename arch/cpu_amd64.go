package arch

import "golang.org/x/sys/unix"

const (
	// MaxNumber is the greatest system call number of the table.
	MaxNumber = maxAMD64
	// AuditArch is what seccomp_data.arch holds for a native call
	// (include/uapi/linux/audit.h). Calls of the x32 ABI have it too.
	AuditArch uint32 = unix.AUDIT_ARCH_X86_64
	// CompatAuditArch is that of a 32-bit call: of a 32-bit program, or of
	// "int $0x80" in a 64-bit one.
	CompatAuditArch uint32 = unix.AUDIT_ARCH_I386
	// X32Bit is set in the numbers of the x32 ABI (__X32_SYSCALL_BIT).
	X32Bit = 0x40000000

	maxCompat = maxI386
)

func (c *call) here() int { return int(c.amd64) }

func (c *call) compat() int { return int(c.i386) }
