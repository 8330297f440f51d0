package monitor

import (
	"bytes"
	"os"
	gopath "path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// procOf is the magic link to where a relative path starts.
func (c *call) procOf(dirfd int) string {
	if dirfd == unix.AT_FDCWD {
		return c.proc("cwd")
	}
	return c.procFD(dirfd)
}

// attrAt is attr also for the end of a magic link.
func (c *call) attrAt(w *vfs.Where) (vfs.Attr, error) {
	if !w.Kernel {
		return attr(w)
	}
	proc := vfs.Join(w.Rec.Host, w.Name)
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err == nil {
		err = c.fix(&a, proc)
	}
	a.ACL = namelessACL{c.m, proc}
	return a, err
}

// hidden tells that a magic link leads to a directory which has been removed, or
// which a layer of the view has put another in place of.
func (c *call) hidden(proc string) bool {
	host, err := os.Readlink(proc)
	return err == nil && (c.m.layered || strings.HasSuffix(host, deleted))
}

// leave starts a path from a directory that has been removed: "." is that
// directory still, which only the kernel can reach, ".." the one that it was in,
// and no other name is in it.
func (c *call) leave(proc string, path []byte, resolve uint64) error {
	if err := c.maySearchRemoved(proc); err != nil && len(path) > 0 {
		return err
	}
	rest := path
	for {
		if rest = bytes.TrimLeft(rest, "/"); len(rest) == 0 {
			break
		}
		name, more, _ := bytes.Cut(rest, []byte{'/'})
		switch {
		case string(name) == ".", string(name) == ".." && resolve&unix.RESOLVE_IN_ROOT != 0:
		case string(name) != "..":
			return unix.ENOENT
		case resolve&unix.RESOLVE_BENEATH != 0:
			return unix.EXDEV
		default:
			return c.above(proc, more)
		}
		rest = more
	}
	c.removed = &vfs.Where{Rec: vfs.Record{Class: vfs.ClassVirtual, Host: proc}, Kernel: true}
	return nil
}

// maySearchRemoved checks the permission to search a directory that has been
// removed.
func (c *call) maySearchRemoved(proc string) error {
	who := c.cred()
	if c.m.view.Identity == nil || searcher(who) {
		return nil
	}
	a, err := c.attrAt(&vfs.Where{Rec: vfs.Record{Host: proc}, Kernel: true})
	if err != nil {
		return nil
	}
	return who.May(&a, unix.X_OK)
}

// above goes on with the rest of a path from the directory that a removed one
// was in. The kernel may find another there.
func (c *call) above(proc string, rest []byte) error {
	host, err := os.Readlink(proc)
	if err != nil {
		return unix.ENOENT
	}
	dir, ok := c.m.tree.PathOf(strings.TrimSuffix(host, deleted), nil)
	if dir = gopath.Dir(dir); !ok {
		dir, ok = c.m.tree.PathOf(gopath.Dir(host), nil)
	}
	if !ok {
		return unix.ENOENT
	}
	w, err := c.find(vfs.Join(dir, "."))
	if err != nil {
		return err
	}
	if rest = bytes.TrimLeft(rest, "/"); len(rest) == 0 {
		rest = []byte{'.'}
	}
	c.walk.Start, c.walk.StartHost, c.rest = w.Dir, "", rest
	return nil
}
