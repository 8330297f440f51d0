package monitor

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// gate stands for a file system that lies far away, in a call that may not wait
// for it. To be asked is enough: the call is made again where it may.
type gate struct {
	why   cause
	asked bool // the call cannot be answered without waiting
	met   bool // a path of the call led here
}

func (g *gate) ask() error {
	g.asked = true
	return vfs.ErrFar
}

// far notes an error that says that the call has to be made again.
func (g *gate) far(err error) error {
	if errors.Is(err, vfs.ErrFar) {
		g.asked = true
	}
	return err
}

// gated puts the gate before the file system at the end of a walk.
func (c *call) gated(w vfs.Where, err error) (vfs.Where, error) {
	if w.Far && err == nil {
		w.FS, c.gate.met = &c.gate, true
	}
	return w, c.gate.far(err)
}

// farFD tells whether a descriptor among the arguments is of a file that lies
// far away: even its attributes may have to be waited for.
func (c *call) farFD() bool {
	if c.m.tree == nil {
		return false
	}
	any := false
	for _, m := range c.m.tree.Mounts() {
		any = any || m.Far != nil && m.Far.Any()
	}
	if !any {
		return false
	}
	for i := range c.entry.NArgs() {
		if r := c.entry.Args[i]; r != sysent.FD && r != sysent.DirFD && r != sysent.NewDirFD || c.Int(i) < 0 {
			continue
		}
		var buf [ptrace.PathMax]byte
		if host := c.hostOfFD(c.Int(i), buf[:]); host != "" && c.m.liesFar(host) {
			return true
		}
	}
	return false
}

// liesFar tells whether a host path lies far away.
func (m *Monitor) liesFar(host string) bool {
	for _, mount := range m.tree.Mounts() {
		if mount.Far == nil || !mount.Far.Any() {
			continue
		}
		if p, ok := mount.FS.PathOf(host); ok && mount.Far.Lies(p, "") {
			return true
		}
	}
	return false
}

var _ vfs.FileSystem = (*gate)(nil)

func (g *gate) Dir(string) (r vfs.Record, err error)          { return r, g.ask() }
func (g *gate) Lstat(string) (a vfs.Attr, err error)          { return a, g.ask() }
func (g *gate) Readlink(string) (string, error)               { return "", g.ask() }
func (g *gate) Open(string, vfs.How) (p vfs.Place, err error) { return p, g.ask() }
func (g *gate) Created(string, int, vfs.How) error            { return g.ask() }
func (g *gate) List(string) ([]vfs.Dirent, error)             { return nil, g.ask() }
func (g *gate) Mkdir(string, uint32, vfs.Owner) error         { return g.ask() }
func (g *gate) Mknod(string, uint32, uint64, vfs.Owner) error { return g.ask() }
func (g *gate) Symlink(string, string, vfs.Owner) error       { return g.ask() }
func (g *gate) Link(string, string) error                     { return g.ask() }
func (g *gate) Unlink(string) error                           { return g.ask() }
func (g *gate) Rmdir(string) error                            { return g.ask() }
func (g *gate) Rename(string, string, uint) error             { return g.ask() }
func (g *gate) SetAttr(string, vfs.SetAttr) error             { return g.ask() }
func (g *gate) Getxattr(string, string) ([]byte, error)       { return nil, g.ask() }
func (g *gate) Setxattr(string, string, []byte, int) error    { return g.ask() }
func (g *gate) Listxattr(string) ([]string, error)            { return nil, g.ask() }
func (g *gate) Removexattr(string, string) error              { return g.ask() }
func (g *gate) Statfs(string) (s unix.Statfs_t, err error)    { return s, g.ask() }
func (g *gate) FixAttr(*vfs.Attr, string) error               { return g.ask() }
func (g *gate) Truthful() bool                                { return false }
func (g *gate) PathOf(string) (string, bool)                  { return "", false }
func (g *gate) Holds(string) (mine, plain bool)               { return false, false }
func (g *gate) SetAttrFD(string, vfs.SetAttr) error           { return g.ask() }
func (g *gate) GetxattrFD(string, string) ([]byte, error)     { return nil, g.ask() }
func (g *gate) SetxattrFD(string, string, []byte, int) error  { return g.ask() }
func (g *gate) ListxattrFD(string) ([]string, error)          { return nil, g.ask() }
func (g *gate) RemovexattrFD(string, string) error            { return g.ask() }
