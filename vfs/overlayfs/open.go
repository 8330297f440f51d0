package overlayfs

import (
	"errors"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

// Open implements vfs.FileSystem.
func (f *FS) Open(path string, how vfs.How) (vfs.Place, error) {
	for {
		var p vfs.Place
		var next step
		err := f.ask(path, func(r *found) error {
			var err error
			p, next, err = f.place(r, how)
			return err
		})
		if errors.Is(err, unix.ENOENT) && how.Creates() {
			if p, err = f.create(path, how); err != errExists {
				return p, err
			}
			continue
		}
		if err != nil || next == ready {
			return p, err
		}
		if err := f.copyUp(path, how.Flags&unix.O_TRUNC != 0); err != nil {
			return p, err
		}
	}
}

// step says what is still to be done before a place may be opened.
type step bool

const (
	ready   step = false
	raising step = true // copy up, then ask again
)

// errExists: the name has come into being since it was looked for.
var errExists = errors.New("overlay: exists")

// place decides where an existing file is opened. mu is held shared.
func (f *FS) place(r *found, how vfs.How) (vfs.Place, step, error) {
	a, err := f.attr(r)
	if err != nil {
		return vfs.Place{}, ready, err
	}
	if err := how.Refuses(a.Kind()); err != nil {
		return vfs.Place{}, ready, err
	}
	p := vfs.Place{Host: r.host, Kind: a.Kind()}
	switch {
	case r.layer == inIndex:
		// Opened by this name, a descriptor must tell this name.
		return p, raising, nil
	case how.Tmpfile():
		if r.layer != inUpper {
			return p, raising, nil
		}
		p.Mode, p.Stamp = f.o.Owners.Plan(&a, how)
	case a.IsDir():
		return p, step(r.layer == inLower && !f.readable(&r.raw, r.host)), nil
	case how.Flags&unix.O_PATH != 0:
	case a.Kind() != r.raw.Kind():
		node, ok := owner.Device(uint32(a.Mode), a.Rdev())
		if !ok {
			return p, ready, unix.ENXIO
		}
		p.Host = node
	case a.Kind() == unix.S_IFREG && how.Writes():
		return p, step(r.layer == inLower), nil
	}
	return p, ready, nil
}

// create prepares the making of a file by an open.
func (f *FS) create(path string, how vfs.How) (vfs.Place, error) {
	var p vfs.Place
	err := f.change(func() error {
		s, err := f.vacant(path)
		if err != nil {
			return err
		}
		if err := f.uncover(s.n, s.name, s.host); err != nil {
			return err
		}
		s.n.covered[s.name] = struct{}{}
		p = vfs.Place{Host: s.host, Create: true}
		p.Mode, p.Stamp = f.o.Owners.Plan(&s.dir, how)
		return nil
	})
	if errors.Is(err, unix.EEXIST) {
		err = errExists
	}
	return p, err
}

// Created implements vfs.FileSystem.
func (f *FS) Created(path string, fd int, how vfs.How) error {
	dir := path
	if !how.Tmpfile() {
		dir, _ = split(path)
	}
	return f.ask(dir, func(r *found) error {
		a, err := f.attr(r)
		if err != nil {
			return err
		}
		return f.o.Owners.Created(&a, r.host, fd, how)
	})
}
