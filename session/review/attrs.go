package review

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// attrs are attributes to give a file; nil leaves one as it is.
type attrs struct {
	UID   *uint32           `json:"uid,omitempty"`
	GID   *uint32           `json:"gid,omitempty"`
	Mode  *uint32           `json:"mode,omitempty"`
	Atime *int64            `json:"atime,omitempty"` // ns since the epoch
	Mtime *int64            `json:"mtime,omitempty"`
	Xattr map[string][]byte `json:"xattr,omitempty"` // nil removes one
}

func (a *attrs) empty() bool {
	return a.UID == nil && a.GID == nil && a.Mode == nil && a.Atime == nil && a.Mtime == nil && len(a.Xattr) == 0
}

// apply gives the attributes to the file at proc, a link of /proc/self/fd; a
// symbolic link has owner and times only. The order is the kernel's: chown(2)
// takes set-id bits and capabilities away, an ACL changes the mode, and all
// of them leave the times.
func (a *attrs) apply(fd int, link bool) error {
	proc := fmt.Sprintf("/proc/self/fd/%d", fd)
	if a.UID != nil || a.GID != nil {
		if err := unix.Fchownat(fd, "", id(a.UID), id(a.GID), unix.AT_EMPTY_PATH); err != nil {
			return fmt.Errorf("chown: %w", err)
		}
	}
	if !link {
		if err := a.applyXattrs(proc); err != nil {
			return err
		}
		if a.Mode != nil {
			if err := unix.Chmod(proc, *a.Mode); err != nil {
				return fmt.Errorf("chmod: %w", err)
			}
		}
	}
	if a.Atime == nil && a.Mtime == nil {
		return nil
	}
	if err := unix.UtimesNanoAt(fd, "", []unix.Timespec{stamp(a.Atime), stamp(a.Mtime)}, unix.AT_EMPTY_PATH); err != nil {
		return fmt.Errorf("utimensat: %w", err)
	}
	return nil
}

func (a *attrs) applyXattrs(proc string) error {
	for _, name := range slices.Sorted(maps.Keys(a.Xattr)) {
		v := a.Xattr[name]
		var err error
		if v == nil {
			if err = unix.Removexattr(proc, name); errors.Is(err, unix.ENODATA) {
				err = nil
			}
		} else {
			err = unix.Setxattr(proc, name, v, 0)
		}
		if err != nil {
			return fmt.Errorf("attribute %s: %w", name, err)
		}
	}
	return nil
}

func id(p *uint32) int {
	if p == nil {
		return -1
	}
	return int(*p)
}

func stamp(p *int64) unix.Timespec {
	if p == nil {
		return unix.Timespec{Nsec: unix.UTIME_OMIT}
	}
	return unix.NsecToTimespec(*p)
}

// applyPath gives the attributes to the file at a path, not following a link.
func (a *attrs) applyPath(path string) error {
	fd, err := hostpath.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	st, err := vfs.HostStatAt(fd, "", unix.AT_EMPTY_PATH)
	if err != nil {
		return err
	}
	return a.apply(fd, st.IsLink())
}

// restoring are the attributes that give a file back what a change of it, want,
// takes away.
func restoring(low *vfs.Attr, want *attrs, old map[string][]byte) *attrs {
	r := &attrs{}
	uid, gid, mode, mtime, atime := low.Uid, low.Gid, low.Perm(), nanos(low.Mtime), nanos(low.Atime)
	if want.UID != nil || want.GID != nil {
		r.UID, r.GID = &uid, &gid
	}
	if !low.IsLink() && (want.Mode != nil || r.UID != nil) {
		r.Mode = &mode
	}
	if want.Mtime != nil {
		r.Mtime, r.Atime = &mtime, &atime
	}
	for name := range want.Xattr {
		if r.Xattr == nil {
			r.Xattr = map[string][]byte{}
		}
		r.Xattr[name] = old[name]
	}
	return r
}
