package procfs

import "golang.org/x/sys/unix"

const (
	kindReg     = unix.S_IFREG
	errReadOnly = unix.EROFS
	errClosed   = unix.EACCES
)
