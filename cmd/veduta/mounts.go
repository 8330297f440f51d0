package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/modules/dev"
	"github.com/veduta/veduta/modules/host"
	"github.com/veduta/veduta/modules/overlay"
	"github.com/veduta/veduta/modules/proc"
	"github.com/veduta/veduta/modules/tmpfs"
	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
)

// layers are the session's copy-on-write mounts.
func (b *builder) layers(owners *owner.Store) []modules.Module {
	var list []modules.Module
	for i, at := range b.session.Meta().Cow {
		m := overlay.Module{Point: at, Upper: b.session.UpperOf(at), Work: b.session.Work(), Owners: owners,
			Exclude: []string{filepath.Join(b.store, "sessions")}, OwnLayer: b.try && b.initial == nil}
		if i > 0 {
			m.Work += "." + strconv.Itoa(i)
		}
		list = append(list, m)
	}
	return list
}

// usual are the mounts that no flag asks for: /proc, what must not be written
// to through a copy-on-write /, and in another root what programs count on, as
// far as it has the directories for it.
func (b *builder) usual() []mountSpec {
	here := mountSpec{kind: "proc", target: "/proc"}
	if b.flags.rootfs == "" {
		list := []mountSpec{here}
		if b.session != nil {
			list = append([]mountSpec{{kind: "sysfs", target: "/sys", readOnly: true}}, list...)
		}
		return list
	}
	var list []mountSpec
	for _, m := range []mountSpec{{kind: "sysfs", target: "/sys", readOnly: true}, {kind: "dev", target: "/dev"}, here} {
		a, err := os.Lstat(b.flags.rootfs + m.target)
		if err == nil && a.IsDir() && !b.flags.mountsAt(m.target) {
			list = append(list, m)
		}
	}
	return list
}

// mountsAt tells whether a flag mounts something at a path.
func (v *viewFlags) mountsAt(path string) bool {
	for _, m := range v.mounts {
		if m.target == path {
			return true
		}
	}
	return false
}

// mount makes the module of a mount.
func (b *builder) mount(m *mountSpec, owners *owner.Store) (modules.Module, error) {
	module, err := b.bare(m, owners)
	return flagged{module, m}, err
}

// flagged is a module whose mount has what any mount may have.
type flagged struct {
	modules.Module
	spec *mountSpec
}

// Bind implements modules.Module.
func (f flagged) Bind(lower *modules.View) (modules.Binding, error) {
	b, err := f.Module.Bind(lower)
	if err != nil {
		return b, err
	}
	top := b.Mounts[0]
	top.Flags |= uintptr(f.spec.flags)
	top.ReadOnly = top.ReadOnly || f.spec.readOnly
	if f.spec.kind == "tmpfs" && f.spec.source != "" {
		top.Source = f.spec.source
	}
	return b, nil
}

// firstDev is the minor number of the first device of a file system of the view's
// own; the kernel takes the lowest that is free, of a million (get_anon_bdev in
// fs/super.c).
const firstDev = 1 << 19

// bare makes the module of a mount as it is without flags.
func (b *builder) bare(m *mountSpec, owners *owner.Store) (modules.Module, error) {
	switch m.kind {
	case "bind":
		return host.Module{Source: m.source, Point: m.target, ReadOnly: m.readOnly, Owners: owners}, nil
	case "sysfs":
		return host.Module{Source: "/sys", Point: m.target, ReadOnly: m.readOnly}, nil
	case "proc":
		return proc.Module{Point: m.target, Status: b.status, Sealed: b.sealed, Socket: b.socket, Path: b.path, Auxv: b.auxv, Mounts: b.table, FDInfo: b.fdinfo,
			Guard: b.session != nil}, nil
	case "overlay":
		return b.overlay(m, owners)
	}
	dir, err := b.scratchDir()
	if err != nil {
		return nil, err
	}
	switch m.kind {
	case "tmpfs":
		return tmpfs.Module{Point: m.target, Dir: dir, Owners: owners, Dev: b.newDev(), Options: m.tmpfs()}, nil
	case "hide":
		return tmpfs.Module{Point: m.target, Dir: dir, ReadOnly: true, Owners: owners, Dev: b.newDev(), Options: tmpfs.Options{Mode: 0o555, Modal: true}}, nil
	}
	own, err := recording(owners)
	return dev.Module{Point: m.target, Dir: dir, Owners: own}, err
}

// newDev is a device number that no file system has.
func (b *builder) newDev() uint64 {
	b.devs++
	return unix.Mkdev(0, firstDev+b.devs)
}

// overlay is a copy-on-write mount whose upper directory is the caller's.
func (b *builder) overlay(m *mountSpec, owners *owner.Store) (modules.Module, error) {
	dirs := strings.Split(strings.Trim(m.source, ":"), ":")
	if len(dirs) < 2 {
		return nil, errors.New("want a lower and an upper directory")
	}
	for i, d := range dirs {
		var err error
		if dirs[i], err = filepath.Abs(d); err == nil {
			dirs[i], err = filepath.EvalSymlinks(dirs[i])
		}
		if err != nil {
			return nil, err
		}
	}
	upper := dirs[len(dirs)-1]
	work, err := os.MkdirTemp(filepath.Dir(upper), session.AreaPrefix)
	if err != nil {
		return nil, fmt.Errorf("room for work beside %s: %w", upper, err)
	}
	return overlay.Module{Point: m.target, Lower: dirs[:len(dirs)-1], Upper: upper, Work: filepath.Join(work, "work"), Owners: owners,
		Closed: func() error { return session.RemoveTree(work) }}, nil
}

// between is a directory that nothing but mount points is in.
func (b *builder) between(point, below string) (*vfs.Mount, error) {
	dir, err := b.scratchDir()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir+below, 0o755); err != nil {
		return nil, err
	}
	for ; below != ""; below = below[:strings.LastIndexByte(below, '/')] {
		if err := os.Chmod(dir+below, 0o755); err != nil { // whatever the umask
			return nil, err
		}
	}
	bound, err := tmpfs.Module{Point: point, Dir: dir, ReadOnly: true, Owners: b.kept, Dev: b.newDev(), Options: tmpfs.Options{Mode: 0o755, Modal: true}}.Bind(nil)
	if err != nil {
		return nil, err
	}
	return bound.Mounts[0], nil
}

// scratchDir is an empty directory that ends with the view.
func (b *builder) scratchDir() (string, error) {
	if b.scratch == nil {
		var err error
		if b.scratch, err = session.NewScratch(); err != nil {
			return "", err
		}
	}
	return b.scratch.Dir()
}

// recording is a store that keeps records also where owners and devices could be
// the files' own: memory file systems are mounted so that no device of theirs
// may be opened.
func recording(s *owner.Store) (*owner.Store, error) {
	own := *s
	if !own.Native {
		return &own, nil
	}
	own.Native = false
	return &own, transientSidecar(&own)
}
