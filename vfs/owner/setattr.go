package owner

import (
	"fmt"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// SetAttr changes a host file in the ids of the view; path may be a magic link
// of /proc.
func (s *Store) SetAttr(path string, set vfs.SetAttr) error {
	f, err := hold(path)
	if err != nil {
		return err
	}
	defer f.close()
	if set.Valid&vfs.SetSize != 0 {
		if err := s.KeepSetID(f.path); err != nil {
			return err
		}
		if err := s.unlocked(f.path, func() error { return unix.Truncate(f.path, set.Size) }); err != nil {
			return fmt.Errorf("truncate: %w", err)
		}
	}
	if set.Valid&(vfs.SetMode|vfs.SetUID|vfs.SetGID) != 0 {
		if err := s.setInode(f, set); err != nil {
			return err
		}
	}
	if set.Valid&vfs.SetTimes != 0 {
		times := []unix.Timespec{set.Atime, set.Mtime}
		if err := unix.UtimesNanoAt(unix.AT_FDCWD, f.path, times, 0); err != nil {
			return fmt.Errorf("utimensat: %w", err)
		}
	}
	return nil
}

func (s *Store) setInode(f file, set vfs.SetAttr) error {
	if set.Valid&vfs.SetMode != 0 && f.raw.IsLink() {
		return unix.EOPNOTSUPP // as chmod(2) of a link
	}
	if s == nil || s.Native {
		return setNative(f, set)
	}
	shown := f.raw
	if err := s.Fix(&shown, f.path); err != nil {
		return err
	}
	want := InodeOf(&shown)
	if set.Valid&vfs.SetUID != 0 {
		want.Owner.UID = set.UID
	}
	if set.Valid&vfs.SetGID != 0 {
		want.Owner.GID = set.GID
	}
	if set.Valid&(vfs.SetUID|vfs.SetGID) != 0 {
		want.Mode = dropSetID(want.Mode)
		if err := s.dropCapability(f); err != nil {
			return err
		}
	}
	if set.Valid&vfs.SetMode != 0 {
		want.Mode = want.Mode&unix.S_IFMT | set.Mode&0o7777
	}
	if f.raw.Uid != s.RealUID {
		return setForeign(f, shown, want)
	}
	if err := s.settle(f, want); err != nil {
		return err
	}
	if set.Valid&vfs.SetMode != 0 {
		if err := s.chmodACL(f, set.Mode); err != nil {
			return err
		}
	}
	return s.touchCtime(f)
}

// setForeign: another user's file bears no record, so only what changes
// nothing can succeed.
func setForeign(f file, shown vfs.Attr, want Inode) error {
	if InodeOf(&shown) == want {
		return nil
	}
	return unix.EPERM
}

// touchCtime: chmod(2) and chown(2) move the change time even if nothing
// differs.
func (s *Store) touchCtime(f file) error {
	if f.raw.IsLink() {
		return nil
	}
	now, err := of(f.fd)
	if err != nil || now.raw.Ctime != f.raw.Ctime {
		return err
	}
	return f.chmod(now.raw.Perm())
}

func setNative(f file, set vfs.SetAttr) error {
	uid, gid := -1, -1
	if set.Valid&vfs.SetUID != 0 {
		uid = int(set.UID)
	}
	if set.Valid&vfs.SetGID != 0 {
		gid = int(set.GID)
	}
	if uid >= 0 || gid >= 0 {
		if err := f.chown(uid, gid); err != nil {
			return fmt.Errorf("chown: %w", err)
		}
	}
	if set.Valid&vfs.SetMode != 0 {
		if err := f.chmod(set.Mode & 0o7777); err != nil {
			return fmt.Errorf("chmod: %w", err)
		}
	}
	return nil
}

// dropSetID takes away what chown(2) does, from whomever it comes: the set-uid
// bit, and the set-gid bit of what the group may execute.
func dropSetID(mode uint32) uint32 {
	if mode&unix.S_IFMT == unix.S_IFDIR {
		return mode
	}
	mode &^= unix.S_ISUID
	if mode&unix.S_IXGRP != 0 {
		mode &^= unix.S_ISGID
	}
	return mode
}
