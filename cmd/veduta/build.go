package main

import (
	"cmp"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/modules/fakeid"
	"github.com/veduta/veduta/modules/host"
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
	path    func(host string) (string, bool)
	auxv    func(tid int, aux []byte)
	table   func(tid int, file string) ([]byte, bool)
	fdinfo  func(tid, fd int, host []byte) []byte
	initial *cred.Cred
	scratch *session.Scratch // made when something needs it
	devs    uint32           // device numbers that have been given
	kept    *owner.Store     // how owners are kept
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
	if len(list) == 0 && len(f.mounts) == 0 && b.session == nil && f.rootfs == "" {
		return nil, nil
	}
	owners, err := b.owners()
	if err != nil {
		return nil, err
	}
	b.kept = owners
	list = append(list, host.Module{Source: cmp.Or(f.rootfs, "/"), Point: "/", Owners: owners})
	if b.session != nil {
		list = append(list, b.layers(owners)...)
	}
	for _, m := range append(b.usual(), f.mounts...) {
		module, err := b.mount(&m, owners)
		if err != nil {
			return nil, fmt.Errorf("mount %s: %w", m.text, err)
		}
		list = append(list, module)
	}
	return list, nil
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
