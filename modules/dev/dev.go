// Package dev is the module of a small /dev: the devices that every program
// counts on, the terminals of the host, and shared memory of the view's own.
package dev

import (
	"fmt"
	"path"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/modules/host"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/hostfs"
	"github.com/veduta/veduta/vfs/owner"
)

// Module mounts one.
type Module struct {
	// Point is the view path where it is mounted.
	Point string
	// Dir is an empty host directory that holds its names; removing it at the
	// end is for the caller.
	Dir string
	// Owners keeps what the devices are: it must be one that keeps records.
	Owners *owner.Store
}

// nodes are the devices, by major and minor number
// (Documentation/admin-guide/devices.txt).
var nodes = []struct {
	name         string
	major, minor uint32
}{
	{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}, {"ptmx", 5, 2},
}

// links are those that a kernel without devfs leaves to whoever fills /dev.
var links = []struct{ name, target string }{
	{"fd", "/proc/self/fd"}, {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"}, {"stderr", "/proc/self/fd/2"},
}

// Name implements modules.Module.
func (Module) Name() string { return "dev" }

// Bind implements modules.Module.
func (m Module) Bind(lower *modules.View) (modules.Binding, error) {
	mount := &vfs.Mount{Point: m.Point, Owners: true, Type: "devtmpfs", Source: "devtmpfs"}
	fs := hostfs.New(hostfs.Options{Root: m.Dir, Owners: m.Owners, OnChange: mount.Changed})
	if err := fill(fs); err != nil {
		return modules.Binding{}, err
	}
	mount.FS = fs
	terminals, err := host.Module{Source: "/dev/pts", Point: path.Join(m.Point, "pts")}.Bind(lower)
	return modules.Binding{Mounts: append([]*vfs.Mount{mount}, terminals.Mounts...)}, err
}

// fill makes the names.
func fill(fs *hostfs.FS) error {
	var root vfs.Owner
	if err := fs.SetAttr("/", vfs.SetAttr{Valid: vfs.SetMode | vfs.SetUID | vfs.SetGID, Mode: 0o755}); err != nil {
		return fmt.Errorf("its root: %w", err)
	}
	for _, n := range nodes {
		if err := fs.Mknod("/"+n.name, unix.S_IFCHR|0o666, unix.Mkdev(n.major, n.minor), root); err != nil {
			return fmt.Errorf("device %s: %w", n.name, err)
		}
	}
	for _, l := range links {
		if err := fs.Symlink(l.target, "/"+l.name, root); err != nil {
			return fmt.Errorf("link %s: %w", l.name, err)
		}
	}
	for name, mode := range map[string]uint32{"pts": 0o755, "shm": 0o1777} {
		if err := fs.Mkdir("/"+name, mode, root); err != nil {
			return fmt.Errorf("directory %s: %w", name, err)
		}
	}
	return nil
}
