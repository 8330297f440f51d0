package session

import "github.com/veduta/veduta/vfs/overlayfs"

// Path is a file name or path in the files of a session, in the form of the
// overlay's log.
type Path = overlayfs.Path
