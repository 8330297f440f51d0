package main

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/modules/tmpfs"
	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
)

// newMounts makes what guests mount in a running view.
type newMounts struct {
	mu     sync.Mutex // guards b and owners: one mount is made at a time
	b      *builder
	owners *owner.Store
	view   *modules.View
	opened func(*session.Scratch) // hears of the scratch place
}

// guestKinds are the types that guests may mount, and the kind of each.
var guestKinds = map[string]string{
	"tmpfs": "tmpfs", "ramfs": "tmpfs", "proc": "proc", "sysfs": "sysfs", "devtmpfs": "dev", "overlay": "overlay", "devpts": "devpts",
}

// Knows implements monitor.Mounter.
func (n *newMounts) Knows(kind string) bool { return guestKinds[kind] != "" }

// Check implements monitor.Mounter.
func (n *newMounts) Check(kind, option string) error {
	m := mountSpec{kind: guestKinds[kind]}
	return m.guestOption(option)
}

// New implements monitor.Mounter.
func (n *newMounts) New(kind, source, options string) ([]*vfs.Mount, error) {
	m := mountSpec{kind: guestKinds[kind], target: "/"}
	switch m.kind {
	case "":
		return nil, unix.ENODEV
	case "devpts":
		m.kind, m.source = "bind", "/dev/pts"
	}
	if err := m.guestOptions(options); err != nil {
		return nil, err
	}
	list, err := n.build(&m)
	if err == nil && m.kind == "dev" {
		list = list[:1] // the kernel's has no terminals: devpts is mounted for them
	}
	return list, err
}

// Change implements monitor.Mounter.
func (n *newMounts) Change(kind string, fs vfs.FileSystem, options string) (string, error) {
	m := mountSpec{kind: guestKinds[kind]}
	if m.kind != "tmpfs" {
		return "", nil
	}
	if err := m.guestOptions(options); err != nil {
		return "", err
	}
	return tmpfs.Change(fs, m.options)
}

// build makes what a spec asks for.
func (n *newMounts) build(m *mountSpec) ([]*vfs.Mount, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.owners == nil {
		var err error
		if n.owners, err = n.b.owners(); err != nil {
			return nil, err
		}
	}
	module, err := n.b.mount(m, n.owners)
	n.opened(n.b.scratch)
	if err != nil {
		return nil, err
	}
	bound, err := module.Bind(n.view)
	if err != nil {
		return nil, err
	}
	top := bound.Mounts[0]
	top.Close = bound.Close
	if dir := top.HostDir(); dir != "" && (m.kind == "tmpfs" || m.kind == "hide" || m.kind == "dev") {
		top.Close = func() error { return session.RemoveTree(dir) }
	}
	return bound.Mounts, nil
}

// guestOptions reads the options of mount(2). EINVAL.
func (m *mountSpec) guestOptions(text string) error {
	for word := range strings.SplitSeq(text, ",") {
		if word == "" {
			continue
		}
		if err := m.guestOption(word); err != nil {
			return err
		}
	}
	if m.kind == "overlay" {
		if m.lower == "" || m.upper == "" || !m.work {
			return unix.EINVAL
		}
		m.source = m.lower + ":" + m.upper
	}
	return nil
}

// overlayOptions are those of the kernel's overlayfs
// (Documentation/filesystems/overlayfs.rst).
var overlayOptions = []string{"lowerdir", "upperdir", "workdir", "redirect_dir", "index", "metacopy", "xino", "nfs_export", "uuid",
	"default_permissions", "userxattr", "volatile", "verity"}

// guestOption reads one option. EINVAL.
func (m *mountSpec) guestOption(word string) error {
	key, value, _ := strings.Cut(word, "=")
	switch {
	case m.kind == "tmpfs" || m.kind == "dev":
		var o tmpfs.Options
		_, err := o.Set(word)
		m.options = append(m.options, word)
		return err
	case m.kind == "sysfs", m.kind == "overlay" && !slices.Contains(overlayOptions, key):
		return unix.EINVAL
	case m.kind != "overlay":
	case key == "lowerdir":
		m.lower = value
	case key == "upperdir":
		m.upper = value
	case key == "workdir":
		m.work = true
	}
	return nil
}
