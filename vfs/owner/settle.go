package owner

import (
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Inode is what a file is to show: mode with its type, owner, device number.
type Inode struct {
	Mode  uint32
	Owner vfs.Owner
	Rdev  uint64
}

// InodeOf takes it from attributes of the view.
func InodeOf(a *vfs.Attr) Inode {
	return Inode{uint32(a.Mode), vfs.Owner{UID: a.Uid, GID: a.Gid}, a.Rdev()}
}

// Settle makes the file behind fd show want; the descriptor may be O_PATH.
func (s *Store) Settle(fd int, want Inode) error {
	f, err := of(fd)
	if err != nil {
		return err
	}
	return s.settle(f, want)
}

// SettlePath makes the file at a host path show want.
func (s *Store) SettlePath(path string, want Inode) error {
	f, err := hold(path)
	if err != nil {
		return err
	}
	defer f.close()
	return s.settle(f, want)
}

func (s *Store) settle(f file, want Inode) error {
	if s == nil {
		want.Owner = vfs.Owner{UID: f.raw.Uid, GID: f.raw.Gid}
	}
	if s == nil || s.Native {
		return settleNative(f, want)
	}
	old, err := s.load(&f.raw, f.path)
	if err != nil {
		return err
	}
	mode := s.Backing(want.Mode)
	if !f.raw.IsLink() && f.raw.Perm() != mode&0o7777 {
		if err := f.chmod(mode & 0o7777); err != nil {
			return err
		}
		f.raw.SetPerm(mode)
	}
	return s.save(&f.raw, f.path, old, s.difference(&f.raw, want))
}

// difference is what must be on record so that the backing file shows want.
func (s *Store) difference(raw *vfs.Attr, want Inode) record {
	shown := *raw
	s.Map(&shown)
	r := nothing
	if shown.Uid != want.Owner.UID {
		r.uid = want.Owner.UID
	}
	if shown.Gid != want.Owner.GID {
		r.gid = want.Owner.GID
	}
	if !raw.IsLink() && uint32(raw.Mode) != want.Mode {
		r.mode = want.Mode
	}
	if isDevice(want.Mode) && !isDevice(uint32(raw.Mode)) {
		r.mode, r.rdev = want.Mode, want.Rdev
	}
	return r
}

func settleNative(f file, want Inode) error {
	chowned := f.raw.Uid != want.Owner.UID || f.raw.Gid != want.Owner.GID
	if chowned {
		if err := f.chown(int(want.Owner.UID), int(want.Owner.GID)); err != nil {
			return err
		}
	}
	// chown(2) takes set-id bits away.
	setid := want.Mode&(unix.S_ISUID|unix.S_ISGID) != 0
	if f.raw.IsLink() || f.raw.Perm() == want.Mode&0o7777 && !(chowned && setid) {
		return nil
	}
	return f.chmod(want.Mode & 0o7777)
}
