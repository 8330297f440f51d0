package hostfs

import (
	"bytes"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// farTypes are file systems that ask somebody else: a server, or a program of
// any user. Those of FUSE have the name of their program behind a dot.
var farTypes = map[string]bool{
	"9p": true, "afs": true, "autofs": true, "beegfs": true, "ceph": true, "cifs": true, "coda": true, "fuse": true,
	"fuseblk": true, "gfs2": true, "glusterfs": true, "lustre": true, "ncpfs": true, "nfs": true, "nfs4": true,
	"ocfs2": true, "orangefs": true, "prl_fs": true, "smb3": true, "smbfs": true, "vboxsf": true, "virtiofs": true,
}

// Far is the vfs.Far of a host directory: what is mounted below it from
// elsewhere. If its own file system is such, that counts as near: when it hangs,
// so does all else.
type Far struct{ prefix string }

// FarBelow is what lies far away below a host directory.
func FarBelow(root string) *Far { return &Far{prefix: strings.TrimSuffix(root, "/")} }

// Lies implements vfs.Far.
func (f *Far) Lies(dir, name string) bool {
	points := farPoints()
	return len(points) > 0 && lies(points, f.prefix+vfs.Join(dir, name))
}

// Reach implements vfs.Far.
func (f *Far) Reach(dir, name string) { vfs.HostLstat(f.prefix + vfs.Join(dir, name)) }

// Any implements vfs.Far.
func (f *Far) Any() bool { return len(farPoints()) > 0 }

func lies(points []string, host string) bool {
	for _, p := range points {
		if rest, ok := strings.CutPrefix(host, p); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}

// farKnown are the mount points of far file systems.
var farKnown atomic.Pointer[[]string]

func farPoints() []string {
	if p := farKnown.Load(); p != nil {
		return *p
	}
	watchMounts()
	return *farKnown.Load()
}

// watchMounts reads the mounts, now and whenever they have changed.
var watchMounts = sync.OnceFunc(func() {
	none := []string{}
	farKnown.Store(&none)
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return
	}
	read := func() {
		if b, err := io.ReadAll(io.NewSectionReader(f, 0, math.MaxInt64)); err == nil {
			points := farIn(b)
			farKnown.Store(&points)
		}
	}
	read()
	go func() {
		for {
			// A change is told by POLLPRI (proc_pid_mounts(5)).
			p := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLPRI}}
			if _, err := unix.Poll(p, -1); err == nil {
				read()
			} else if err != unix.EINTR {
				return
			}
		}
	}()
})

// farIn reads mountinfo (proc_pid_mountinfo(5)).
func farIn(mountinfo []byte) (points []string) {
	for line := range bytes.Lines(mountinfo) {
		before, after, ok := bytes.Cut(line, []byte(" - "))
		fields, kind := bytes.Fields(before), bytes.Fields(after)
		if !ok || len(fields) < 5 || len(kind) == 0 || string(fields[4]) == "/" {
			continue
		}
		name, _, _ := strings.Cut(string(kind[0]), ".")
		if farTypes[name] {
			points = append(points, vfs.Unescape(string(fields[4])))
		}
	}
	return points
}

var _ vfs.Far = (*Far)(nil)
