package overlayfs

import (
	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

// upperDir sees to it that the directory at a path is in the upper layer, with
// those above it, and gives its node. mu is held exclusively.
func (f *FS) upperDir(path string) (*node, error) {
	r, err := f.find(path)
	if err != nil {
		return nil, err
	}
	if !r.raw.IsDir() {
		return nil, unix.ENOTDIR
	}
	if r.layer == inUpper {
		return f.ownNode(&r)
	}
	dir, base := split(path)
	parent, err := f.upperDir(dir)
	if err != nil {
		return nil, err
	}
	n, err := f.copyDir(&r, parent, base)
	if err != nil {
		return nil, err
	}
	if len(f.changed) == 0 || !under(path, f.changed[len(f.changed)-1]) {
		f.tell(path)
	}
	return n, nil
}

// ownNode is the loaded node of an upper directory; below a pure one nodes are
// made as they are needed.
func (f *FS) ownNode(r *found) (*node, error) {
	n := r.node
	if r.rest != "" {
		dir, base := split(r.path)
		parent, err := f.upperDir(dir)
		if err != nil {
			return nil, err
		}
		if n = parent.kids[base]; n == nil {
			if n, err = f.enter(parent, base, r.host); err != nil {
				return nil, err
			}
		}
	}
	return n, f.load(n, r.path)
}

// copyDir makes the upper directory of a lower one: the directory alone, with
// all its attributes.
func (f *FS) copyDir(r *found, parent *node, base string) (*node, error) {
	tmp := f.scratch()
	want := r.raw
	if err := f.fixLowerIDs(&want, r.host); err != nil {
		return nil, err
	}
	if err := f.buildDir(r, tmp, owner.InodeOf(&want)); err != nil {
		hostpath.Rmdir(tmp)
		return nil, err
	}
	up, err := vfs.HostLstat(tmp)
	if err != nil {
		return nil, err
	}
	if err := f.origins.add(f.originOf(r.path, &r.raw, r.host, &up)); err != nil {
		return nil, err
	}
	host := f.upper(r.path)
	dir, _ := split(r.path)
	keep := keepTimes(f.upper(dir))
	if err := moveNew(tmp, host); err != nil {
		hostpath.Rmdir(tmp)
		return nil, err
	}
	keep()
	if err := f.markImpure(parent); err != nil {
		return nil, err
	}
	n, err := f.enter(parent, base, host)
	if err != nil {
		return nil, err
	}
	return n, f.load(n, r.path)
}

func (f *FS) buildDir(r *found, tmp string, want owner.Inode) error {
	if err := f.o.Owners.Mkdir(tmp, want); err != nil {
		return err
	}
	if err := f.o.Owners.CopyXattrs(r.host, tmp); err != nil {
		return err
	}
	if err := f.o.Owners.SettlePath(tmp, want); err != nil {
		return err
	}
	return setTimes(tmp, &r.raw)
}
