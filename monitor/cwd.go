package monitor

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// moves notes that a task is about to change its working directory: the
// kernel's is asked when it is needed next. If that is host, then to is meant,
// which may be nil.
func (t *task) moves(to *vfs.Dir, host string) {
	f := t.fs
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.moving == nil {
		f.moving = map[int]struct{}{}
	}
	f.moving[t.tid] = struct{}{}
	f.moves.Store(int32(len(f.moving)))
	if f.cwd != nil {
		f.left, f.leftHost = f.cwd, f.host
	}
	f.cwd, f.displaced, f.aim, f.aimHost = nil, false, to, host
}

// arrived notes that a task has made another call: what it did before is done.
func (t *task) arrived() {
	if t.fs.moves.Load() == 0 {
		return
	}
	t.fs.mu.Lock()
	t.fs.arrived(t.tid)
	t.fs.mu.Unlock()
}

func (f *fsState) arrived(tid int) {
	delete(f.moving, tid)
	f.moves.Store(int32(len(f.moving)))
}

// cwd is the task's working directory and the real one that it stands for.
// ENOENT if it has been removed.
func (c *call) cwd() (*vfs.Dir, string, error) {
	m, t := c.m, c.task
	f := t.fs
	f.mu.Lock()
	d, host, aim, aimHost, left, leftHost := f.cwd, f.host, f.aim, f.aimHost, f.left, f.leftHost
	f.mu.Unlock()
	if d != nil && m.tree.Alive(d) {
		return d, host, nil
	}
	host, err := m.hostLink(c.proc("cwd"))
	if err != nil {
		return nil, "", err
	}
	switch {
	case aim != nil && aimHost == host && m.tree.Alive(aim):
		d = aim
	case left != nil && leftHost == host && m.tree.Alive(left):
		d = left
	default:
		d, err = m.dirOfHost(host, m.shown.find(t, host, m.tree), c.patient)
	}
	if err != nil {
		return nil, "", c.gate.far(err)
	}
	f.mu.Lock()
	if len(f.moving) == 0 {
		f.cwd, f.host = d, host
	}
	f.mu.Unlock()
	return d, host, nil
}

const deleted = " (deleted)"

// dirOfHost is the directory of the view that a host directory stands for: in
// one mount first, if that is known.
func (m *Monitor) dirOfHost(host string, first *vfs.Mount, patient bool) (*vfs.Dir, error) {
	if strings.HasSuffix(host, deleted) {
		return nil, unix.ENOENT
	}
	start, p, ok := m.tree.Lead(host, first)
	if !ok {
		return nil, unix.ENOENT
	}
	w := vfs.Walk{Root: start, Start: start, Patient: patient}
	where, err := m.tree.Walk(&w, []byte(vfs.Join(p, ".")))
	if err != nil {
		return nil, err
	}
	return where.Dir, nil
}

// root is what "/" means to a task.
func (t *task) root() *vfs.Dir {
	t.fs.mu.Lock()
	defer t.fs.mu.Unlock()
	return t.fs.root
}

func (t *task) umask() uint32 {
	t.fs.mu.Lock()
	defer t.fs.mu.Unlock()
	return t.fs.umask
}

func (c *call) umaskCall() {
	c.task.fs.mu.Lock()
	c.task.fs.umask = uint32(c.Args[0]) & 0o777
	c.task.fs.mu.Unlock()
}
