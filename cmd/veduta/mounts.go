package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/modules/dev"
	"github.com/veduta/veduta/modules/host"
	"github.com/veduta/veduta/modules/overlay"
	"github.com/veduta/veduta/modules/proc"
	"github.com/veduta/veduta/modules/tmpfs"
	"github.com/veduta/veduta/session"
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
	switch m.kind {
	case "bind":
		return host.Module{Source: m.source, Point: m.target, ReadOnly: m.readOnly, Owners: owners}, nil
	case "sysfs":
		return host.Module{Source: "/sys", Point: m.target, ReadOnly: m.readOnly}, nil
	case "proc":
		return proc.Module{Point: m.target, Status: b.status, Sealed: b.sealed, Socket: b.socket, Path: b.path, Auxv: b.auxv, Mounts: b.table,
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
		return tmpfs.Module{Point: m.target, Dir: dir, Mode: m.mode, ReadOnly: m.readOnly, Owners: owners}, nil
	case "hide":
		return tmpfs.Module{Point: m.target, Dir: dir, Mode: 0o555, ReadOnly: true, Owners: owners}, nil
	}
	own, err := recording(owners)
	return dev.Module{Point: m.target, Dir: dir, Owners: own}, err
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
