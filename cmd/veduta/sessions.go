package main

import (
	"cmp"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/session/review"
)

// open opens or makes the session that a copy-on-write view needs.
func (r *running) open(argv []string) error {
	f := &r.flags
	if !r.try && len(f.cow) == 0 && f.session == "" {
		if f.onExit != "" {
			return fmt.Errorf("--on-exit %s: there is no session; add --cow or --session, or use veduta try", f.onExit)
		}
		return nil
	}
	var err error
	if r.store, err = session.Open(); err != nil {
		return err
	}
	known, err := r.known(f.session)
	if err != nil {
		return err
	}
	if known {
		return r.reopen()
	}
	if r.session, err = r.store.Create(f.session, r.meta(argv)); err != nil {
		return err
	}
	r.made = true
	return nil
}

func (r *running) known(name string) (bool, error) {
	if name == "" {
		return false, nil
	}
	list, err := r.store.List()
	for _, in := range list {
		if in.Name == name {
			return true, err
		}
	}
	return false, err
}

// reopen opens a session that exists. What it was made with governs: its layer
// would show other owners otherwise.
func (r *running) reopen() error {
	s, err := r.store.OpenSession(r.flags.session, true)
	if err != nil {
		return err
	}
	m := s.Meta()
	if err = fits(&m, r.store.Dir()); err == nil {
		err = whole(s)
	}
	if err != nil {
		s.Close()
		return err
	}
	r.session = s
	if r.flags.hostname == "" {
		r.flags.hostname = m.Hostname
	}
	if below := m.Below["/"]; r.flags.rootfs == "" && below != "" {
		r.flags.rootfs = below
		if err := r.flags.checkRoot(); err != nil {
			return err
		}
	} else if r.flags.rootfs != below {
		return fmt.Errorf("session %s: it lies over %s; leave --rootfs out, or take another --session", m.Name, cmp.Or(below, "/"))
	}
	if r.flags.user == "" && m.Identity.ViewUID == 0 && m.Identity.RealUID != 0 {
		r.flags.root = true
	}
	return nil
}

// fits tells whether the caller can run a session.
func fits(m *session.Meta, store string) error {
	uid := uint32(unix.Getuid())
	switch {
	case m.Identity.RealUID != uid:
		return fmt.Errorf("session %s: user %d made it and you are %d; run it as that user, or take another --session", m.Name, m.Identity.RealUID, uid)
	case m.Native && !probeNative(store):
		return fmt.Errorf("session %s: it was made with the right to give files away, which is missing here; take another --session", m.Name)
	}
	return nil
}

// whole refuses a session in the middle of a commit: what its guests did would
// mix with it.
func whole(s *session.Session) error {
	phase, err := review.Pending(s)
	if err == nil && (phase == review.Staging || phase == review.Applying) {
		err = fmt.Errorf("session %s: a commit was interrupted; finish it (veduta commit --resume) or take it back (veduta undo)", s.Name())
	}
	return err
}

// meta describes a new session.
func (r *running) meta(argv []string) session.Meta {
	m := session.Meta{Command: argv, Hostname: r.flags.hostname, Cow: r.flags.cow}
	m.Cwd, _ = os.Getwd()
	m.Identity = session.Identity{RealUID: uint32(unix.Getuid()), RealGID: uint32(unix.Getgid())}
	m.Identity.ViewUID, m.Identity.ViewGID = m.Identity.RealUID, m.Identity.RealGID
	if r.flags.root {
		m.Identity.ViewUID, m.Identity.ViewGID = 0, 0
	}
	if r.flags.rootfs != "" {
		m.Below = map[string]string{"/": r.flags.rootfs}
	}
	m.Transient = r.flags.session == "" && r.flags.atEnd(r.try) == "discard"
	m.Native = unix.Geteuid() == 0 && probeNative(r.store.Dir())
	return m
}

// giveUp forgets a session that was made for nothing.
func (r *running) giveUp() {
	if r.session == nil || !r.made {
		return
	}
	name := r.session.Name()
	r.session.Close()
	r.store.Remove(name)
}
