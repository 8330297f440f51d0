package main

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/control"
	"github.com/veduta/veduta/session"
)

// mountView is a running view to mount in.
type mountView struct {
	dir    string
	pid    int  // of its monitor
	inside bool // we are a guest of it
}

// chooseView takes the first argument as a view if a running one has that name
// or process id, or has a guest with it; else the view that one stands in is
// meant, or the only one that runs.
func chooseView(args []string) (*mountView, []string, error) {
	dir, err := session.RuntimeDir(false)
	if err != nil {
		return nil, args, err
	}
	views, err := runningViews()
	if err != nil {
		return nil, args, err
	}
	within := -1
	for i := range views {
		if hasGuest(&views[i], os.Getpid()) {
			within = i
		}
	}
	for i := range views {
		if len(args) > 0 && named(&views[i], args[0]) {
			return &mountView{dir, views[i].Monitor, i == within}, args[1:], nil
		}
	}
	switch {
	case within >= 0:
		return &mountView{dir, views[within].Monitor, true}, args, nil
	case len(views) == 1:
		return &mountView{dir, views[0].Monitor, false}, args, nil
	case len(views) == 0:
		return nil, args, errors.New("no view is running")
	}
	return nil, args, errors.New("which view? veduta ps lists those that run; its name or process id comes first")
}

// named tells whether a view is called so.
func named(v *control.View, name string) bool {
	if v.Session != "" && v.Session == name {
		return true
	}
	pid, err := strconv.Atoi(name)
	return err == nil && (v.Monitor == pid || hasGuest(v, pid))
}

func hasGuest(v *control.View, pid int) bool {
	for i := range v.Guests {
		if v.Guests[i].PID == pid {
			return true
		}
	}
	return false
}

func (v *mountView) ask(q control.Question) (*control.Answer, error) {
	return control.Ask(v.dir, v.pid, q)
}

// mount asks for a mount; a guest asks by mount(2), as any other.
func (v *mountView) mount(s *mountSpec) error {
	if v.inside {
		return s.mount()
	}
	_, err := v.ask(control.Question{Ask: "mount", Mount: &control.Mount{Type: s.kind, Source: s.source, Target: s.target,
		ReadOnly: s.readOnly, Flags: s.flags, Options: s.options}})
	return err
}

func (v *mountView) umount(point string, lazy bool) error {
	if v.inside {
		flags := 0
		if lazy {
			flags = unix.MNT_DETACH
		}
		return unix.Unmount(point, flags)
	}
	if !strings.HasPrefix(point, "/") {
		return errors.New("want a path from the view's root")
	}
	_, err := v.ask(control.Question{Ask: "umount", Mount: &control.Mount{Target: point, Lazy: lazy}})
	return err
}

// mount is the spec as calls of mount(2).
func (m *mountSpec) mount() error {
	kind, data, flags := m.kind, strings.Join(m.options, ","), uintptr(m.flags)
	if m.readOnly {
		flags |= unix.MS_RDONLY
	}
	switch m.kind {
	case "bind":
		if err := unix.Mount(m.source, m.target, "", unix.MS_BIND|unix.MS_REC, ""); err != nil || flags == 0 {
			return err
		}
		return unix.Mount("", m.target, "", unix.MS_REMOUNT|unix.MS_BIND|flags, "")
	case "hide":
		kind, data, flags = "tmpfs", "mode=555", flags|unix.MS_RDONLY
	case "dev":
		kind = "devtmpfs"
	case "overlay":
		return errors.New("inside a view by mount(8) only, which names a workdir")
	}
	source := m.source
	if source == "" {
		source = kind
	}
	return unix.Mount(source, m.target, kind, flags, data)
}
