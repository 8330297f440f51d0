package monitor

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// mountLine is one mount as /proc/PID/mountinfo tells it
// (proc_pid_mountinfo(5)).
type mountLine struct {
	id, parent   int
	dev          string // major:minor
	root, point  string
	host         string // of the host's own: where it is there
	options      string
	kind, source string
	super        string
}

// hostMounts reads the host's mounts.
func hostMounts() (list []mountLine) {
	b, _ := os.ReadFile("/proc/self/mountinfo")
	for text := range strings.Lines(string(b)) {
		before, after, ok := strings.Cut(strings.TrimSuffix(text, "\n"), " - ")
		f, g := strings.Split(before, " "), strings.SplitN(after, " ", 3)
		if !ok || len(f) < 6 || len(g) < 3 {
			continue
		}
		l := mountLine{dev: f[2], root: vfs.Unescape(f[3]), point: vfs.Unescape(f[4]), options: f[5], kind: g[0], source: vfs.Unescape(g[1]), super: g[2]}
		l.id, _ = strconv.Atoi(f[0])
		l.parent, _ = strconv.Atoi(f[1])
		list = append(list, l)
	}
	return list
}

// mountLines are the mounts of the view, and where its root is the host's those
// of the host that are to be seen in it, in order of mounting.
func (m *Monitor) mountLines() []mountLine {
	host := hostMounts()
	states := m.tree.States()
	var list []mountLine
	for i := range states {
		s := &states[i]
		l := m.mountLine(s, host)
		if i > 0 {
			l.parent = s.Parent
		}
		list = append(list, l)
		if i == 0 {
			list = append(list, m.hostBelow(s, host)...)
		}
	}
	return once(list)
}

// once leaves out what is told twice: the view's own comes last.
func once(list []mountLine) []mountLine {
	last := map[int]int{}
	for i, l := range list {
		last[l.id] = i
	}
	out := list[:0]
	for i, l := range list {
		if last[l.id] == i {
			out = append(out, l)
		}
	}
	return out
}

// hostBelow are the host's own mounts that the view's root shows.
func (m *Monitor) hostBelow(root *vfs.State, host []mountLine) (list []mountLine) {
	if p, ok := root.Mount.FS.PathOf("/usr"); !ok || p != "/usr" {
		return nil
	}
	for _, l := range host {
		if l.point == "/" {
			continue
		}
		if x, p, ok := m.tree.Find(l.point, nil); ok && x == root.Mount {
			l.point, l.host = p, l.point
			list = append(list, l)
		}
	}
	return list
}

// mountLine tells of a mount of the view: as the host does, if it is the host's
// own at its own place.
func (m *Monitor) mountLine(s *vfs.State, host []mountLine) mountLine {
	l := mountLine{id: s.ID, point: s.Point, root: s.Root, kind: s.Mount.Type, source: s.Mount.Source, super: s.Super}
	backing := s.Mount.Host()
	var of mountLine
	for _, h := range host {
		if h.id == s.ID {
			h.point, h.options = s.Point, strings.Replace(h.options, "rw", access(s.ReadOnly), 1)
			if s.Flags != 0 {
				h.options = access(s.ReadOnly) + flagWords(s.Flags)
			}
			return h.closed(s)
		}
		if len(h.point) >= len(of.point) && (h.point == "/" || backing == h.point || strings.HasPrefix(backing, h.point+"/")) {
			of = h
		}
	}
	if l.kind == "" {
		l.kind, l.source, l.super = of.kind, of.source, of.super
	}
	if l.source == "" {
		l.source = "none"
	}
	l.dev = of.dev
	a, err := s.Mount.FS.Lstat(s.Root)
	if vfs.Errno(err) == unix.ENOENT {
		l.root += "//deleted"
	}
	if err == nil {
		l.dev = fmt.Sprintf("%d:%d", unix.Major(a.Dev()), unix.Minor(a.Dev()))
	}
	l.options = access(s.ReadOnly) + flagWords(s.Flags)
	if s.Mount.Type != "" {
		l.super = strings.TrimSuffix("rw,"+l.super, ",")
	}
	return l.closed(s)
}

// closed is the line with what the view says of writing to the file system.
func (l mountLine) closed(s *vfs.State) mountLine {
	if _, rest, ok := strings.Cut(l.super, ","); s.Closed && ok {
		l.super = "ro," + rest
	} else if s.Closed {
		l.super = "ro"
	}
	return l
}

func access(readOnly bool) string {
	if readOnly {
		return "ro"
	}
	return "rw"
}

// flagWords are the words for MS_ flags, in the kernel's order (show_mnt_opts in
// fs/proc_namespace.c).
func flagWords(flags uintptr) string {
	s := ""
	for _, w := range []struct {
		flag uintptr
		word string
	}{
		{unix.MS_NOSUID, "nosuid"}, {unix.MS_NODEV, "nodev"}, {unix.MS_NOEXEC, "noexec"}, {unix.MS_NOATIME, "noatime"},
		{unix.MS_NODIRATIME, "nodiratime"},
	} {
		if flags&w.flag != 0 {
			s += "," + w.word
		}
	}
	if flags&(unix.MS_NOATIME|unix.MS_STRICTATIME) == 0 {
		s += ",relatime"
	}
	if flags&unix.MS_NOSYMFOLLOW != 0 {
		s += ",nosymfollow"
	}
	return s
}

// linesBelow are the mounts that somebody with a root can reach, with their points
// as seen from there.
func (m *Monitor) linesBelow(root string) (list []mountLine) {
	for _, l := range m.mountLines() {
		if l.point = shownBelow(l.point, root); strings.HasPrefix(l.point, "/") {
			list = append(list, l)
		}
	}
	return list
}

// MountTable renders mounts, mountinfo or mountstats of a task's /proc directory,
// relative to the task's root; false for a task that is no guest.
func (m *Monitor) MountTable(tid int, file string) ([]byte, bool) {
	t := m.taskOf(tid)
	if t == nil || m.tree == nil {
		return nil, false
	}
	root, _ := m.tree.Path(t.root())
	var b []byte
	for _, l := range m.linesBelow(root) {
		p, source := vfs.Escape(l.point), vfs.Escape(l.source)
		switch file {
		case "mountinfo":
			b = fmt.Appendf(b, "%d %d %s %s %s %s - %s %s %s\n", l.id, l.parent, l.dev, vfs.Escape(l.root), p, l.options, l.kind, source, l.super)
		case "mounts":
			b = fmt.Appendf(b, "%s %s %s %s 0 0\n", source, p, l.kind, merged(l.options, l.super))
		default:
			b = fmt.Appendf(b, "device %s mounted on %s with fstype %s\n", source, p, l.kind)
		}
	}
	return b, true
}

// merged are the options of a mount and its file system in one, as
// /proc/PID/mounts has them.
func merged(options, super string) string {
	if _, rest, ok := strings.Cut(super, ","); ok {
		return options + "," + rest
	}
	return options
}
