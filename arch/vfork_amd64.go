package arch

import "golang.org/x/sys/unix"

// NrVfork is vfork(2).
const NrVfork = unix.SYS_VFORK
