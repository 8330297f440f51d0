// Package procfs is the host's proc(5) with the files that would give a view
// away rendered anew when they are opened: host and domain name, the ids of a
// task. All else is the host's own file.
//
// Magic links (self, cwd, root, exe, fd/N) are the walk's business (package
// vfs), not this one's.
//
// Concurrency: an FS is immutable.
package procfs

import (
	"os"
	"strconv"
	"strings"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/hostfs"
	"golang.org/x/sys/unix"
)

// Options of a procfs. A nil function leaves its files to the host.
type Options struct {
	// Names gives host and domain name, nil for the host's own.
	Names func() (node, domain *string)
	// Status gives the line of a task's status file that begins with key, as
	// the view has it; host is the whole file as the kernel has it.
	Status func(tid int, key string, host []byte) (line string, ok bool)
	// Socket gives the view's name of a socket that the kernel has another of.
	Socket func(name string) (string, bool)
	// Path gives the view's path of a file that the kernel names by a host path.
	Path func(host string) (string, bool)
	// Auxv changes a task's auxiliary vector into the view's.
	Auxv func(tid int, aux []byte)
	// Mounts renders mounts, mountinfo or mountstats of a task.
	Mounts func(tid int, file string) ([]byte, bool)
	// FDInfo changes a file of a task's fdinfo directory into the view's; nil: it
	// is the host's.
	FDInfo func(tid, fd int, host []byte) []byte
	// Sealed tells which processes are closed to guests: of those they see what
	// everybody may see of another user's.
	Sealed func(tid int) bool
	// Guard makes the files of the kernel's own settings read-only.
	Guard bool
}

// FS is a proc file system of a view.
type FS struct {
	vfs.FileSystem
	o Options
}

// New makes one over the host's /proc.
func New(o Options) *FS {
	return &FS{hostfs.New(hostfs.Options{Root: "/proc", Real: true}), o}
}

// SetAttr implements vfs.FileSystem. What guards the kernel's settings keeps
// all but the files of processes as they are.
func (f *FS) SetAttr(path string, s vfs.SetAttr) error {
	if f.o.Guard && (len(path) < 2 || path[1] < '0' || path[1] > '9') {
		return unix.EPERM
	}
	return f.FileSystem.SetAttr(path, s)
}

// guarded are the places whose files change the kernel for everybody.
var guarded = []string{"/sys", "/sysrq-trigger", "/irq", "/bus", "/fs"}

// Open implements vfs.FileSystem.
func (f *FS) Open(path string, how vfs.How) (vfs.Place, error) {
	if f.sealed(path, how) {
		return vfs.Place{}, errClosed
	}
	if !how.Writes() {
		if data, ok := f.render(path); ok {
			return vfs.Place{Data: data, Kind: kindReg}, nil
		}
	} else if f.o.Guard && covered(path) {
		return vfs.Place{}, errReadOnly
	}
	return f.FileSystem.Open(path, how)
}

func covered(path string) bool {
	for _, g := range guarded {
		if path == g || strings.HasPrefix(path, g+"/") {
			return true
		}
	}
	return false
}

// render gives the contents of a file that the view has its own of.
func (f *FS) render(path string) ([]byte, bool) {
	if f.o.Mounts != nil {
		for _, file := range []string{"mounts", "mountinfo", "mountstats"} {
			if tid, ok := fileOf(path, "/"+file); ok {
				return f.o.Mounts(tid, file)
			}
		}
	}
	if dir, fd, ok := strings.Cut(path, "/fdinfo/"); ok && f.o.FDInfo != nil {
		tid, mine := fileOf(dir+"/x", "/x")
		if n, err := strconv.Atoi(fd); mine && err == nil {
			return rendered(path, func(host []byte) []byte { return f.o.FDInfo(tid, n, host) })
		}
	}
	if f.o.Names != nil {
		node, domain := f.o.Names()
		switch {
		case path == "/sys/kernel/hostname" && node != nil:
			return []byte(*node + "\n"), true
		case path == "/sys/kernel/domainname" && domain != nil:
			return []byte(*domain + "\n"), true
		}
	}
	if f.o.Socket != nil && strings.HasSuffix(path, "/net/unix") {
		return rendered(path, f.netUnix)
	}
	if f.o.Path != nil {
		if data, ok := f.mapped(path); ok {
			return data, ok
		}
	}
	if f.o.Auxv != nil {
		if data, ok := f.auxv(path); ok {
			return data, ok
		}
	}
	if f.o.Status != nil {
		if tid, ok := fileOf(path, "/status"); ok {
			return rendered(path, func(host []byte) []byte { return f.status(tid, host) })
		}
		if tid, ok := fileOf(path, "/stat"); ok {
			return rendered(path, func(host []byte) []byte { return f.stat(tid, host) })
		}
	}
	return nil, false
}

// rendered is the host's file as change makes it anew; the host's own where that
// is nil.
func rendered(path string, change func(host []byte) []byte) ([]byte, bool) {
	host, err := os.ReadFile("/proc" + path)
	if err != nil {
		return nil, false
	}
	out := change(host)
	return out, out != nil
}

// fileOf tells whose file of a name a path is.
func fileOf(path, name string) (tid int, ok bool) {
	dir, ok := strings.CutSuffix(path, name)
	if !ok {
		return 0, false
	}
	if i := strings.LastIndexByte(dir, '/'); i > 0 && !strings.HasSuffix(dir[:i], "/task") {
		return 0, false
	}
	tid, err := strconv.Atoi(dir[strings.LastIndexByte(dir, '/')+1:])
	return tid, err == nil
}
