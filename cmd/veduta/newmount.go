package main

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/modules"
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

// tmpfsOptions are those of tmpfs(5). Sizes are taken and not kept to.
var tmpfsOptions = []string{"size", "nr_blocks", "nr_inodes", "mode", "uid", "gid", "huge", "mpol", "inode32", "inode64", "noswap"}

// make is a monitor.NewMount.
func (n *newMounts) make(kind, _, options string) ([]*vfs.Mount, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := mountSpec{kind: guestKinds[kind], target: "/"}
	if m.kind == "" {
		return nil, unix.ENODEV
	}
	if m.kind == "devpts" {
		m.kind, m.source = "bind", "/dev/pts"
	}
	if err := m.guestOptions(options); err != nil {
		return nil, err
	}
	if n.owners == nil {
		var err error
		if n.owners, err = n.b.owners(); err != nil {
			return nil, err
		}
	}
	module, err := n.b.mount(&m, n.owners)
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
	if dir := top.HostDir(); m.kind == "tmpfs" && dir != "" {
		top.Close = func() error { return session.RemoveTree(dir) }
	}
	return bound.Mounts, nil
}

// guestOptions reads the options of mount(2). EINVAL.
func (m *mountSpec) guestOptions(text string) error {
	var lower, upper, work string
	for word := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(word, "=")
		switch {
		case key == "":
		case m.kind == "tmpfs" && key == "mode":
			mode, err := strconv.ParseUint(value, 8, 12)
			if err != nil {
				return unix.EINVAL
			}
			m.mode = uint32(mode)
		case m.kind == "tmpfs" && !slices.Contains(tmpfsOptions, key):
			return unix.EINVAL
		case m.kind != "overlay":
		case key == "lowerdir":
			lower = value
		case key == "upperdir":
			upper = value
		case key == "workdir":
			work = value
		}
	}
	if m.kind == "overlay" {
		if lower == "" || (upper == "") != (work == "") || upper == "" {
			return unix.EINVAL
		}
		m.source = lower + ":" + upper
	}
	return nil
}
