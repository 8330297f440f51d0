// Package overlay is the module of copy-on-write: what guests change on / goes
// to a layer of their own, and the world below stays as it is.
package overlay

import (
	"errors"
	"fmt"
	"os"

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
	// Lower are host directories, the top one first; nil is the one that stands
	// for Point in the view below.
	Lower []string
	// Upper and Work are host directories of one file system.
	Upper, Work string
	// Owners keeps what upper files cannot.
	Owners *owner.Store
	// Exclude are host paths that are not shown: the store itself.
	Exclude []string
	// OwnLayer: changing what lies below needs no permission.
	OwnLayer bool
	// Closed, if not nil, is called when the layer is no longer used.
	Closed func() error
}

// Name implements modules.Module.
func (Module) Name() string { return "overlay" }

// Bind implements modules.Module.
func (m Module) Bind(lower *modules.View) (modules.Binding, error) {
	if m.Lower == nil {
		host, err := lower.HostDir(m.Point)
		if err != nil {
			return modules.Binding{}, fmt.Errorf("copy-on-write of %s: %w", m.Point, err)
		}
		m.Lower = []string{host}
	}
	for _, dir := range []string{m.Upper, m.Work} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return modules.Binding{}, err
		}
	}
	mount := &vfs.Mount{Point: m.Point, Layers: true, Owners: true, Type: "overlay", Source: "overlay", Fresh: fresh(m.Owners), Far: hostfs.FarBelow(m.Lower[0])}
	fs, err := overlayfs.New(overlayfs.Options{
		Lower: m.Lower, Upper: m.Upper, Work: m.Work, Owners: m.Owners,
		OnChange: mount.Changed, Exclude: m.Exclude, Mount: m.Point,
	})
	if err != nil {
		return modules.Binding{}, fmt.Errorf("copy-on-write of %s: %w", m.Point, err)
	}
	mount.FS = fs
	return modules.Binding{Mounts: []*vfs.Mount{mount}, OwnLayer: m.OwnLayer, Close: m.closer(fs)}, nil
}

func (m Module) closer(fs *overlayfs.FS) func() error {
	if m.Closed == nil {
		return fs.Close
	}
	return func() error { return errors.Join(fs.Close(), m.Closed()) }
}

func fresh(s *owner.Store) *vfs.Owner {
	if s == nil {
		return nil
	}
	o := s.Fresh()
	return &o
}
