package monitor

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/control"
	"github.com/veduta/veduta/vfs"
)

// Why a running view takes no mount.
var (
	ErrNoPaths = errors.New("the view names no path, so that its guests' paths are not looked at; start it with -0, --cow or a mount")
	ErrPlain   = errors.New("the view was started so that its guests see the host's attributes; start it with -0 or --cow")
)

// Mount puts a file system, and those that come with it below its Point, on a
// path of the running view.
func (m *Monitor) Mount(point string, list []*vfs.Mount) error {
	at, err := m.walkTo(point)
	if err != nil {
		return err
	}
	kind, err := m.tree.Kind(&at)
	if err != nil {
		return err
	}
	if top := list[0]; !m.fixes && (kind == 0 || top.Layers || top.Owners || top.Own) {
		return ErrPlain
	}
	m.before(list[0])
	if err := m.tree.Attach(&at, list[0]); err != nil {
		return err
	}
	m.attachRest(list, m.tree.RootDir(list[0]))
	return nil
}

// UnmountAt takes away what is mounted on a path. EINVAL where nothing is, EBUSY.
func (m *Monitor) UnmountAt(point string, lazy bool) error {
	at, err := m.walkTo(point)
	if err != nil {
		return err
	}
	x := m.tree.Uppermost(&at)
	switch {
	case x == nil:
		return unix.EINVAL
	case x == m.tree.Root().Mount():
		return unix.EBUSY
	}
	return m.Unmount(x, lazy)
}

// walkTo walks to a path of the view with nobody's permission.
func (m *Monitor) walkTo(point string) (w vfs.Where, err error) {
	if m.tree == nil {
		return w, ErrNoPaths
	}
	root := m.tree.Root()
	w, err = m.tree.Walk(&vfs.Walk{Root: root, Start: root, Follow: true, Patient: true}, []byte(point))
	if err == nil && w.Kernel {
		err = unix.EINVAL
	}
	return w, err
}

// Mounts tells of the mounts of the view, as /proc/mounts does.
func (m *Monitor) Mounts() ([]control.Mounted, error) {
	if m.tree == nil {
		return nil, ErrNoPaths
	}
	var list []control.Mounted
	for _, l := range m.mountLines() {
		list = append(list, control.Mounted{Source: l.source, Target: l.point, Type: l.kind, Options: merged(l.options, l.super)})
	}
	return list, nil
}

// Has tells whether a process is a guest.
func (m *Monitor) Has(pid int) bool { return m.taskOf(pid) != nil }

// attachRest puts what came with a file system into the mount of it; what it
// would lie on may be missing.
func (m *Monitor) attachRest(list []*vfs.Mount, dir *vfs.Dir) {
	point := list[0].Point
	for _, x := range list[1:] {
		x.Point, _ = strings.CutPrefix(x.Point, strings.TrimSuffix(point, "/"))
	}
	m.attachBelow(list[1:], dir)
}

// attachBelow puts mounts on places below a directory, each by its Point as seen
// from there.
func (m *Monitor) attachBelow(list []*vfs.Mount, dir *vfs.Dir) {
	for _, x := range list {
		at, err := m.tree.Walk(&vfs.Walk{Root: dir, Start: dir, Follow: true, Patient: true}, []byte(x.Point))
		if err == nil {
			m.tree.Attach(&at, x)
		}
	}
}
