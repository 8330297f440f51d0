package hostfs

import (
	"errors"
	"path/filepath"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

// Open implements vfs.FileSystem.
func (f *FS) Open(path string, how vfs.How) (vfs.Place, error) {
	host := f.host(path)
	raw, err := vfs.HostLstat(host)
	if errors.Is(err, unix.ENOENT) && how.Creates() {
		return f.create(host, how)
	}
	if err != nil {
		return vfs.Place{}, err
	}
	a := raw
	if err := f.Owners.Fix(&a, host); err != nil {
		return vfs.Place{}, err
	}
	if err := how.Refuses(a.Kind()); err != nil {
		return vfs.Place{}, err
	}
	if how.Flags&unix.O_TMPFILE == unix.O_TMPFILE {
		return f.tmpfile(host, &a, how)
	}
	if how.Flags&unix.O_PATH == 0 && !f.ReadOnly && f.Owners.Records() && owner.Locked(&raw) {
		if err := f.Owners.Unlock(host); err != nil && !errors.Is(err, unix.EACCES) {
			return vfs.Place{}, err
		}
	}
	if how.Flags&unix.O_PATH == 0 && !f.ReadOnly && how.Writes() && raw.Mode&(unix.S_ISUID|unix.S_ISGID) != 0 {
		if err := f.Owners.KeepSetID(host); err != nil {
			return vfs.Place{}, err
		}
	}
	p := vfs.Place{Host: host, Kind: a.Kind()}
	if f.ReadOnly && how.Writes() && a.Kind() == unix.S_IFREG {
		return vfs.Place{}, unix.EROFS
	}
	if a.Kind() != raw.Kind() && how.Flags&unix.O_PATH == 0 {
		node, ok := owner.Device(uint32(a.Mode), a.Rdev())
		if !ok {
			return vfs.Place{}, unix.ENXIO
		}
		p.Host = node
	}
	return p, nil
}

func (f *FS) create(host string, how vfs.How) (vfs.Place, error) {
	if f.ReadOnly {
		return vfs.Place{}, unix.EROFS
	}
	dir, err := f.parent(host)
	if err != nil {
		return vfs.Place{}, err
	}
	p := vfs.Place{Host: host, Create: true}
	p.Mode, p.Stamp = f.Owners.Plan(&dir, how)
	return p, nil
}

func (f *FS) tmpfile(host string, dir *vfs.Attr, how vfs.How) (vfs.Place, error) {
	if f.ReadOnly {
		return vfs.Place{}, unix.EROFS
	}
	p := vfs.Place{Host: host, Kind: unix.S_IFDIR}
	p.Mode, p.Stamp = f.Owners.Plan(dir, how)
	return p, nil
}

// parent gives the attributes of the directory that holds a host path.
func (f *FS) parent(host string) (vfs.Attr, error) {
	dir := filepath.Dir(host)
	a, err := vfs.HostLstat(dir)
	if err != nil {
		return a, err
	}
	if !a.IsDir() {
		return a, unix.ENOTDIR
	}
	return a, f.Owners.Fix(&a, dir)
}

// Created implements vfs.FileSystem.
func (f *FS) Created(path string, fd int, how vfs.How) error {
	dir := f.host(path)
	if how.Flags&unix.O_TMPFILE != unix.O_TMPFILE {
		dir = filepath.Dir(dir)
	}
	a, err := vfs.HostLstat(dir)
	if err == nil {
		err = f.Owners.Fix(&a, dir)
	}
	if err != nil {
		return err
	}
	return f.Owners.Created(&a, dir, fd, how)
}
