// Package tmpfs is the module of an empty file system that lives as long as its
// view, as tmpfs(5) does.
package tmpfs

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/hostfs"
	"github.com/veduta/veduta/vfs/owner"
)

// DefaultMode is the mode of a new tmpfs's root (tmpfs(5)).
const DefaultMode = 0o1777

// Module mounts one.
type Module struct {
	// Point is the view path where it is mounted.
	Point string
	// Dir is an empty host directory that holds the files; removing it at the
	// end is for the caller.
	Dir string
	// Mode is that of the root directory; 0 is DefaultMode.
	Mode     uint32
	ReadOnly bool
	// Owners keeps what the files cannot; nil leaves owners untouched.
	Owners *owner.Store
}

// Name implements modules.Module.
func (Module) Name() string { return "tmpfs" }

// Bind implements modules.Module.
func (m Module) Bind(*modules.View) (modules.Binding, error) {
	if m.Mode == 0 {
		m.Mode = DefaultMode
	}
	mount := &vfs.Mount{Point: m.Point, ReadOnly: m.ReadOnly, Type: "tmpfs", Source: "tmpfs", Owners: m.Owners != nil && !m.Owners.Plain()}
	fs := hostfs.New(hostfs.Options{Root: m.Dir, Owners: m.Owners, OnChange: mount.Changed})
	mount.FS = fs
	if err := fs.SetAttr("/", vfs.SetAttr{Valid: vfs.SetMode, Mode: m.Mode & 0o7777}); err != nil {
		return modules.Binding{}, fmt.Errorf("mode %04o: %w", m.Mode, err)
	}
	return modules.Binding{Mounts: []*vfs.Mount{mount}}, unix.Access(m.Dir, unix.X_OK)
}
