package monitor

import (
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// shown remembers through which mount guests opened, or went to, what several
// mounts show, since the kernel's descriptor tells of the host's file only. What
// a process opens through one of them and then through another is remembered by
// descriptor (dirTable).
type shown struct {
	mu sync.Mutex // guards by
	by map[shownKey]*vfs.Mount
}

// shownKey is a host file; tgid is a process, or 0 for any.
type shownKey struct {
	tgid int
	host string
}

// mostShown bounds what is remembered.
const mostShown = 1 << 14

// note tells whether the process, or one that it has descriptors from, has got
// to the file through another mount before, which still counts.
func (s *shown) note(t *task, host string, m *vfs.Mount, tree *vfs.Tree) (other bool) {
	if x := s.known(t, host); x != nil && x != m && !tree.Gone(x) {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil || len(s.by) >= mostShown {
		s.by = map[shownKey]*vfs.Mount{}
	}
	s.by[shownKey{t.tgid, host}], s.by[shownKey{0, host}] = m, m
	return false
}

// find gives the mount through which a process, or else any, got to a file. Of a
// mount that has gone only the process's own files are.
func (s *shown) find(t *task, host string, tree *vfs.Tree) *vfs.Mount {
	if m := s.known(t, host); m != nil {
		return m
	}
	s.mu.Lock()
	m := s.by[shownKey{0, host}]
	s.mu.Unlock()
	if m != nil && tree.Gone(m) {
		return nil
	}
	return m
}

// known gives the mount through which a process, or one that it is of, got to a
// file.
func (s *shown) known(t *task, host string) *vfs.Mount {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.by) == 0 {
		return nil
	}
	if m := s.by[shownKey{t.tgid, host}]; m != nil {
		return m
	}
	for f := t.forebears; f != nil; f = f.up {
		if m := s.by[shownKey{f.tgid, host}]; m != nil {
			return m
		}
	}
	return nil
}

// opens notes through which mount the guest gets to a host file, and whether its
// process has got there through another one.
func (t *task) opens(m *Monitor, w *vfs.Where, host string) (other bool) {
	if host == "" || w.Rec.Flags&vfs.Shared == 0 && !m.tree.ShownElsewhere(w, host) {
		return false
	}
	return m.shown.note(t, host, w.Mount(), m.tree)
}

// opened has the descriptor of an open remembered by itself where that is needed
// to know its mount.
func (m *Monitor) opened(t *task, w *vfs.Where, v ptrace.Verdict) ptrace.Verdict {
	if v.Kind != ptrace.KindOpen || !t.opens(m, w, v.Host) {
		return v
	}
	e, files, where := dirFD{host: v.Host, mount: w.Mount()}, t.files, *w
	v.Opened = func(guest, mine int) bool {
		if d, err := m.tree.Enter(&where); err == nil {
			e.dir = d
		}
		return files.keep(guest, mine, e)
	}
	v.After = func(th *ptrace.Thread, ret int64) int64 {
		if ret < 0 {
			return ret
		}
		if mine, err := ptrace.Borrow(th.TID, int(ret)); err == nil && !v.Opened(int(ret), mine) {
			unix.Close(mine)
		}
		return ret
	}
	return v
}

// shownBy is the mount through which the guest got to the host file of a
// descriptor, nil if only one can be meant.
func (c *call) shownBy(fd int, host string) *vfs.Mount {
	if e, ok := c.task.files.find(c.task.tid, fd); ok && e.mount != nil {
		return e.mount
	}
	if d := c.m.looseDir(c.task.tid, fd); d != nil {
		return d.Mount()
	}
	return c.m.shown.find(c.task, host, c.m.tree)
}

// mountOf is the mount that a descriptor of a host file belongs to, nil if there
// is none.
func (c *call) mountOf(fd int, host string) *vfs.Mount {
	if host == "" {
		return nil
	}
	m, _, _ := c.m.tree.Find(strings.TrimSuffix(host, deleted), c.shownBy(fd, host))
	return m
}

// cwdMount is the mount that the working directory is in, whose host directory
// is given; nil if that is not known.
func (f *fsState) cwdMount(host string) *vfs.Mount {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.cwd != nil && f.host == host:
		return f.cwd.Mount()
	case f.cwd == nil && f.aim != nil && f.aimHost == host:
		return f.aim.Mount()
	case f.cwd == nil && f.left != nil && f.leftHost == host:
		return f.left.Mount()
	}
	return nil
}

// shownByLink is shownBy for a link of procfs.
func (m *Monitor) shownByLink(hostLink, host string) *vfs.Mount {
	t, x := m.openedBy(hostLink, host)
	if t == nil || x != nil {
		return x
	}
	return m.shown.find(t, host, m.tree)
}

// openedBy is the mount by which the task of a link in procfs itself, or one that
// it is of, got to a file, nil if that is not known.
func (m *Monitor) openedBy(hostLink, host string) (*task, *vfs.Mount) {
	part := strings.Split(strings.TrimPrefix(hostLink, "/proc/"), "/")
	if len(part) >= 3 && part[1] == "task" {
		part = part[2:]
	}
	tid, err := strconv.Atoi(part[0])
	t := m.taskOf(tid)
	if err != nil || t == nil {
		return nil, nil
	}
	if len(part) == 2 && part[1] == "cwd" {
		if x := t.fs.cwdMount(host); x != nil {
			return t, x
		}
	}
	if fd, err := strconv.Atoi(part[len(part)-1]); err == nil && len(part) == 3 && part[1] == "fd" {
		if e, ok := t.files.find(tid, fd); ok && e.mount != nil {
			return t, e.mount
		}
		if d := m.looseDir(tid, fd); d != nil {
			return t, d.Mount()
		}
	}
	return t, m.shown.known(t, host)
}

// before notes through which mount guests have what a mount that is about to be
// made will show too.
func (m *Monitor) before(x *vfs.Mount) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tasks.each(func(t *task) {
		m.eachOpen(t, func(_, host string, y *vfs.Mount) {
			host = strings.TrimSuffix(host, deleted)
			if x.Shows(host) {
				m.shown.note(t, host, y, m.tree)
			}
		})
	})
}
