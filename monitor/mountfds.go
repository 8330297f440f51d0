package monitor

import (
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// mountFDs are the descriptors that fsopen, fspick, fsmount and open_tree gave:
// of file systems that are being made, and of mounts that are on no place yet.
// The kernel's tables are the truth about who has them (kcmp(2)), as they travel
// by dup, fork and SCM_RIGHTS.
type mountFDs struct {
	count    atomic.Int32 // of list, to be read without the lock
	mu       sync.Mutex   // guards the fields below
	list     []*mountFD
	sweeping bool
	next     int // with so many those that nobody has any more are looked for
}

// mountFD is one open file; held is a duplicate of the monitor's. It has a
// context or a mount.
type mountFD struct {
	held    int
	context *fsContext
	dir     *vfs.Dir // the root of the mount
}

const fewMountFDs = 16

// find gives what a descriptor of a guest refers to, nil if that is none of
// these.
func (f *mountFDs) find(tid, fd int) *mountFD {
	if f.count.Load() == 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range f.list {
		if same(tid, fd, x.held) {
			return x
		}
	}
	return nil
}

// mountFD is the verdict that gives a guest a descriptor by a call of its own,
// and has it remembered.
func (c *call) mountFD(v ptrace.Verdict, x mountFD) ptrace.Verdict {
	m := c.m
	v.After = func(th *ptrace.Thread, ret int64) int64 {
		if ret < 0 {
			m.dissolve(&x)
			return ret
		}
		held, err := ptrace.Borrow(th.TID, int(ret))
		if err != nil {
			m.dissolve(&x)
			return ret
		}
		x.held = held
		m.keepMountFD(&x)
		return ret
	}
	return v
}

func (m *Monitor) keepMountFD(x *mountFD) {
	f := &m.mountFDs
	f.mu.Lock()
	f.list = append(f.list, x)
	f.count.Store(int32(len(f.list)))
	full := !f.sweeping && len(f.list) >= max(f.next, fewMountFDs)
	f.sweeping = f.sweeping || full
	f.mu.Unlock()
	if full {
		go m.sweepMountFDs()
	}
}

// sweepMountFDs forgets the descriptors that no guest has any more, as the
// kernel does when they are closed.
func (m *Monitor) sweepMountFDs() {
	f := &m.mountFDs
	f.mu.Lock()
	all := slices.Clone(f.list)
	f.mu.Unlock()
	held := m.heldByGuests(all)
	var left []*mountFD
	f.mu.Lock()
	for i, x := range f.list {
		if i >= len(all) || held[x] {
			left = append(left, x)
		}
	}
	f.list, f.next, f.sweeping = left, 2*len(left), false
	f.count.Store(int32(len(left)))
	f.mu.Unlock()
	for _, x := range all {
		if !held[x] {
			unix.Close(x.held)
			m.dissolve(x)
		}
	}
}

// heldByGuests tells which of some open files a guest has.
func (m *Monitor) heldByGuests(all []*mountFD) map[*mountFD]bool {
	byLink := map[string][]*mountFD{}
	for _, x := range all {
		if link, err := os.Readlink("/proc/self/fd/" + itoa(x.held)); err == nil {
			byLink[link] = append(byLink[link], x)
		}
	}
	var tids []int
	m.mu.Lock()
	tables := map[*dirTable]bool{}
	m.tasks.each(func(t *task) {
		if !tables[t.files] {
			tables[t.files] = true
			tids = append(tids, t.tid)
		}
	})
	m.mu.Unlock()
	held := map[*mountFD]bool{}
	for _, tid := range tids {
		dir := "/proc/" + itoa(tid) + "/fd/"
		list, _ := os.ReadDir(dir)
		for _, e := range list {
			link, _ := os.Readlink(dir + e.Name())
			fd, err := strconv.Atoi(e.Name())
			for _, x := range byLink[link] {
				held[x] = held[x] || err == nil && same(tid, fd, x.held)
			}
		}
	}
	return held
}

// dissolve takes a mount away that was never put on a place.
func (m *Monitor) dissolve(x *mountFD) {
	if x.dir == nil || !m.tree.Loose(x.dir.Mount()) {
		return
	}
	if m.Unmount(x.dir.Mount(), false) != nil {
		m.Unmount(x.dir.Mount(), true)
	}
}

// looseDir is the root of the mount that a descriptor stands for, nil if it is
// none of those that fsmount and open_tree gave.
func (m *Monitor) looseDir(tid, fd int) *vfs.Dir {
	x := m.mountFDs.find(tid, fd)
	if x == nil || x.dir == nil || m.tree.Gone(x.dir.Mount()) {
		return nil
	}
	return x.dir
}
