package procfs

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// gated are the files that everybody may read by their mode, and that
// ptrace(2)'s access check closes to another user (proc(5)).
var gated = []string{"maps", "smaps", "smaps_rollup", "numa_maps", "fdinfo"}

// sealed tells whether an open is of what another user may not open of a
// process that is closed to guests.
func (f *FS) sealed(path string, how vfs.How) bool {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	tid, err := strconv.Atoi(parts[0])
	if err != nil || how.Flags&unix.O_PATH != 0 || f.o.Sealed == nil || !f.o.Sealed(tid) {
		return false
	}
	if how.Writes() || slices.ContainsFunc(parts, func(p string) bool { return slices.Contains(gated, p) }) {
		return true
	}
	a, err := vfs.HostLstat("/proc" + path)
	return err == nil && a.Mode&0o004 == 0
}
