package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/modules/fakeid"
	"github.com/veduta/veduta/modules/host"
	"github.com/veduta/veduta/modules/overlay"
	"github.com/veduta/veduta/modules/proc"
	"github.com/veduta/veduta/modules/uts"
	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs/owner"
)

// builder turns flags into a view.
type builder struct {
	flags   *viewFlags
	session *session.Session // nil without copy-on-write
	store   string           // the store's directory
	try     bool
	status  func(tid int, key string, host []byte) (string, bool)
	sealed  func(tid int) bool
	socket  func(name string) (string, bool)
	initial *cred.Cred
}

// modules lists what the flags ask for, from the bottom up. Every module that
// there is appears here and nowhere else.
func (b *builder) modules() ([]modules.Module, error) {
	var list []modules.Module
	f := b.flags
	if f.hostname != "" || f.domain != "" || b.initial != nil {
		list = append(list, uts.Module{Node: f.hostname, Domain: f.domain})
	}
	if b.initial != nil {
		list = append(list, fakeid.Module{Initial: b.initial})
	}
	binds, err := b.binds()
	if err != nil {
		return nil, err
	}
	if len(list) == 0 && len(binds) == 0 && b.session == nil && f.rootfs == "" {
		return nil, nil
	}
	owners, err := b.owners()
	if err != nil {
		return nil, err
	}
	list = append(list, host.Module{Source: cmp.Or(f.rootfs, "/"), Point: "/", Owners: owners})
	if b.session != nil {
		list = append(list, overlay.Module{Point: "/", Upper: b.session.Upper(), Work: b.session.Work(),
			Owners: owners, Exclude: []string{filepath.Join(b.store, "sessions")}, OwnLayer: b.try && b.initial == nil},
			host.Module{Source: "/sys", Point: "/sys", ReadOnly: true})
	}
	list = append(list, proc.Module{Point: "/proc", Status: b.status, Sealed: b.sealed, Socket: b.socket, Guard: b.session != nil})
	return append(list, binds...), nil
}

// owners is how owners are kept and shown.
func (b *builder) owners() (*owner.Store, error) {
	s := &owner.Store{RealUID: uint32(unix.Getuid()), RealGID: uint32(unix.Getgid())}
	s.ViewUID, s.ViewGID = s.RealUID, s.RealGID
	if b.flags.root {
		s.ViewUID, s.ViewGID = 0, 0
	}
	if b.session == nil {
		s.Native = s.RealUID == 0 && owner.ProbeNative(os.TempDir())
		if !s.Native {
			return s, transientSidecar(s)
		}
		return s, nil
	}
	m := b.session.Meta()
	s.Native = m.Native
	s.RealUID, s.RealGID = m.Identity.RealUID, m.Identity.RealGID
	s.ViewUID, s.ViewGID = m.Identity.ViewUID, m.Identity.ViewGID
	if s.Native {
		return s, nil
	}
	var err error
	s.Sidecar, err = owner.OpenSidecar(b.session.Owners())
	return s, err
}

// binds reads --bind and --ro-bind.
func (b *builder) binds() ([]modules.Module, error) {
	var list []modules.Module
	for _, spec := range b.flags.binds {
		m, err := parseBind(spec)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	for _, spec := range b.flags.roBinds {
		m, err := parseBind(spec)
		if err != nil {
			return nil, err
		}
		m.ReadOnly = true
		list = append(list, m)
	}
	return list, nil
}

func parseBind(spec string) (m host.Module, err error) {
	parts := strings.Split(spec, ":")
	src, dst := parts[0], parts[0]
	if len(parts) > 1 && parts[1] != "" {
		dst = parts[1]
	}
	if len(parts) == 3 {
		switch parts[2] {
		case "ro":
			m.ReadOnly = true
		case "rw", "":
		default:
			return m, fmt.Errorf("bind %s: option %q; want ro or rw", spec, parts[2])
		}
	}
	if src == "" || len(parts) > 3 {
		return m, fmt.Errorf("bind %s: want SRC[:DST][:ro]", spec)
	}
	if m.Source, err = filepath.Abs(src); err == nil {
		m.Source, err = filepath.EvalSymlinks(m.Source)
	}
	if err != nil {
		return m, fmt.Errorf("bind %s: %w; the source must exist", spec, err)
	}
	if m.Point, err = filepath.Abs(dst); err != nil {
		return m, fmt.Errorf("bind %s: %w", spec, err)
	}
	a, err := os.Stat(m.Source)
	if err != nil {
		return m, fmt.Errorf("bind %s: %w", spec, err)
	}
	if !a.IsDir() {
		return m, fmt.Errorf("bind %s: %s is not a directory; bind the one that it is in", spec, m.Source)
	}
	if st, err := os.Stat(m.Point); err == nil && !st.IsDir() {
		return m, fmt.Errorf("bind %s: %s is not a directory; a directory covers a directory, or a name that is free", spec, m.Point)
	}
	return m, nil
}

func probeNative(dir string) bool { return owner.ProbeNative(dir) }

// transientSidecar gives a view without a session a place for the owners of
// files that can bear no extended attribute (links, fifos): they are known as
// long as the view lives.
func transientSidecar(s *owner.Store) error {
	fd, err := unix.MemfdCreate("owners", unix.MFD_CLOEXEC)
	if err != nil {
		return fmt.Errorf("memfd_create: %w", err)
	}
	defer unix.Close(fd)
	s.Sidecar, err = owner.OpenSidecar(fmt.Sprintf("/proc/self/fd/%d", fd))
	return err
}
