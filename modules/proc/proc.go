// Package proc is the module of /proc: the host's, with the files rendered that
// would give a view away.
package proc

import (
	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/procfs"
)

// Module mounts a proc file system.
type Module struct {
	Point string
	// Status renders lines of a task's status file, see procfs.Options.
	Status func(tid int, key string, host []byte) (line string, ok bool)
	// Socket gives the view's name of a socket that the kernel has another of.
	Socket func(name string) (string, bool)
	// Path gives the view's path of a file that the kernel names by a host path.
	Path func(host string) (string, bool)
	// Auxv changes a task's auxiliary vector into the view's.
	Auxv func(tid int, aux []byte)
	// Mounts renders the mounts of a task, see procfs.Options.
	Mounts func(tid int, file string) ([]byte, bool)
	// FDInfo changes a file of a task's fdinfo directory, see procfs.Options.
	FDInfo func(tid, fd int, host []byte) []byte
	// Sealed tells which processes are closed to guests.
	Sealed func(tid int) bool
	// Guard makes the kernel's own settings read-only.
	Guard bool
}

// Name implements modules.Module.
func (Module) Name() string { return "proc" }

// Bind implements modules.Module.
func (m Module) Bind(lower *modules.View) (modules.Binding, error) {
	o := procfs.Options{Guard: m.Guard, Status: m.Status, Sealed: m.Sealed, Socket: m.Socket, Path: m.Path, Auxv: m.Auxv, Mounts: m.Mounts, FDInfo: m.FDInfo}
	if lower.UTS != nil {
		o.Names = lower.UTS.Names
	}
	return modules.Binding{Mounts: []*vfs.Mount{{Point: m.Point, FS: procfs.New(o), Magic: true, Type: "proc", Source: "proc"}}}, nil
}
