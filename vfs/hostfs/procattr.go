package hostfs

import (
	"fmt"
	"strings"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// A path below /proc that a file system shows is the file itself, where a Store
// takes it for a magic link to be followed: what is asked of /proc/PID/fd/N must
// not come to the file behind it.
func inProc(host string) bool { return strings.HasPrefix(host, "/proc/") }

// ofTask tells that a file of procfs is of a process. The kernel makes owner and
// times of such anew, and no mode of theirs can be set (proc_setattr and
// pid_revalidate in fs/proc/base.c).
func ofTask(host string) bool {
	name := strings.TrimPrefix(host, "/proc/")
	return name != "" && name[0] >= '0' && name[0] <= '9'
}

// setProcAttr changes attributes of a file of procfs.
func setProcAttr(host string, s vfs.SetAttr) error {
	if ofTask(host) {
		if s.Valid&vfs.SetMode != 0 {
			return unix.EPERM
		}
		return nil
	}
	if s.Valid&(vfs.SetUID|vfs.SetGID) != 0 {
		uid, gid := -1, -1
		if s.Valid&vfs.SetUID != 0 {
			uid = int(s.UID)
		}
		if s.Valid&vfs.SetGID != 0 {
			gid = int(s.GID)
		}
		if err := unix.Lchown(host, uid, gid); err != nil {
			return fmt.Errorf("chown: %w", err)
		}
	}
	if s.Valid&vfs.SetMode != 0 {
		if err := unix.Chmod(host, s.Mode&0o7777); err != nil {
			return fmt.Errorf("chmod: %w", err)
		}
	}
	if s.Valid&vfs.SetTimes != 0 {
		if err := hostpath.UtimesNanoAt(host, []unix.Timespec{s.Atime, s.Mtime}, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return fmt.Errorf("utimensat: %w", err)
		}
	}
	return nil
}

// procXattr is an attribute of a file of procfs, which has none but those of a
// security module.
func procXattr(host, name string) ([]byte, error) {
	if !strings.HasPrefix(name, "security.") {
		return nil, unix.EOPNOTSUPP
	}
	buf := make([]byte, 64<<10)
	n, err := hostpath.Lgetxattr(host, name, buf)
	if err != nil {
		return nil, err
	}
	return buf[:n], nil
}
