// Package overlay is the module of copy-on-write: what guests change on / goes
// to a layer of their own, and the world below stays as it is.
package overlay

import (
	"fmt"

	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/hostfs"
	"github.com/veduta/veduta/vfs/overlayfs"
	"github.com/veduta/veduta/vfs/owner"
)

// Module puts a copy-on-write layer over a directory of the view below.
type Module struct {
	// Point is the view path that becomes copy-on-write.
	Point string
	// Upper and Work are host directories of one file system.
	Upper, Work string
	// Owners keeps what upper files cannot.
	Owners *owner.Store
	// Exclude are host paths that are not shown: the store itself.
	Exclude []string
	// OwnLayer: changing what lies below needs no permission.
	OwnLayer bool
}

// Name implements modules.Module.
func (Module) Name() string { return "overlay" }

// Bind implements modules.Module.
func (m Module) Bind(lower *modules.View) (modules.Binding, error) {
	host, err := lower.HostDir(m.Point)
	if err != nil {
		return modules.Binding{}, fmt.Errorf("copy-on-write of %s: %w", m.Point, err)
	}
	mount := &vfs.Mount{Point: m.Point, Layers: true, Owners: true, Fresh: fresh(m.Owners), Far: hostfs.FarBelow(host)}
	fs, err := overlayfs.New(overlayfs.Options{
		Lower: []string{host}, Upper: m.Upper, Work: m.Work, Owners: m.Owners,
		OnChange: mount.Changed, Exclude: m.Exclude, Mount: m.Point,
	})
	if err != nil {
		return modules.Binding{}, fmt.Errorf("copy-on-write of %s: %w", m.Point, err)
	}
	mount.FS = fs
	return modules.Binding{Mounts: []*vfs.Mount{mount}, OwnLayer: m.OwnLayer, Close: fs.Close}, nil
}

func fresh(s *owner.Store) *vfs.Owner {
	if s == nil {
		return nil
	}
	o := s.Fresh()
	return &o
}
