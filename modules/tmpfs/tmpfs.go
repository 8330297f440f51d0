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
	Dir      string
	ReadOnly bool
	// Owners keeps what the files cannot; nil leaves owners untouched.
	Owners *owner.Store
	// Dev is the device number of its own, 0 for that of Dir.
	Dev uint64
	Options
}

// Name implements modules.Module.
func (Module) Name() string { return "tmpfs" }

// Bind implements modules.Module.
func (m Module) Bind(*modules.View) (modules.Binding, error) {
	o := m.Options.settled()
	mount := &vfs.Mount{Point: m.Point, ReadOnly: m.ReadOnly, Type: "tmpfs", Source: "tmpfs", Super: o.String(),
		Owners: m.Owners != nil && !m.Owners.Plain(), Own: m.Dev != 0}
	host := hostfs.New(hostfs.Options{Root: m.Dir, Owners: m.Owners, OnChange: mount.Changed})
	set := vfs.SetAttr{Valid: vfs.SetMode, Mode: o.Mode & 0o7777, UID: o.UID, GID: o.GID}
	if o.UID != 0 || o.GID != 0 {
		set.Valid |= vfs.SetUID | vfs.SetGID
	}
	if err := host.SetAttr("/", set); err != nil {
		return modules.Binding{}, fmt.Errorf("its root: %w", err)
	}
	mount.FS = host
	if m.Dev != 0 {
		a, err := vfs.HostLstat(m.Dir)
		if err != nil {
			return modules.Binding{}, err
		}
		mount.FS = &memory{FS: host, options: o, dev: m.Dev, below: a.Dev()}
	}
	return modules.Binding{Mounts: []*vfs.Mount{mount}}, unix.Access(m.Dir, unix.X_OK)
}
