package arch

import "golang.org/x/sys/unix"

const (
	// MaxNumber is the greatest system call number of the table.
	MaxNumber = maxARM64
	// AuditArch is what seccomp_data.arch holds for a native call
	// (include/uapi/linux/audit.h).
	AuditArch uint32 = unix.AUDIT_ARCH_AARCH64
	// CompatAuditArch is that of a 32-bit call.
	CompatAuditArch uint32 = unix.AUDIT_ARCH_ARM
	// X32Bit is 0: only amd64 has an ABI that shares the audit architecture.
	X32Bit = 0

	// The table of 32-bit calls is not known: none is ever let through.
	maxCompat = -1
)

func (c *call) here() int { return int(c.arm64) }

func (c *call) compat() int { return -1 }
