// Package host is the module of the real system as a view's root: every file
// at its own path, with owners shown through the identity of the view.
package host

import (
	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/hostfs"
	"github.com/veduta/veduta/vfs/owner"
)

// Module shows a host directory at its own path or another one.
type Module struct {
	Source, Point string // host directory or file, view path
	ReadOnly      bool
	Owners        *owner.Store // nil: owners as they are
}

// Name implements modules.Module.
func (Module) Name() string { return "host" }

// Bind implements modules.Module.
func (m Module) Bind(*modules.View) (modules.Binding, error) {
	mount := &vfs.Mount{Point: m.Point, ReadOnly: m.ReadOnly, Owners: m.Owners != nil && !m.Owners.Plain(),
		Far: hostfs.FarBelow(m.Source)}
	mount.FS = hostfs.New(hostfs.Options{Root: m.Source, Owners: m.Owners,
		Real: m.Source == m.Point, OnChange: mount.Changed})
	return modules.Binding{Mounts: []*vfs.Mount{mount}}, nil
}
