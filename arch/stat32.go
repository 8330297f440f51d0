package arch

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// The structures of 32-bit calls that tell of files (arch/x86/include/asm/compat.h
// and sys_ia32.h). Members that are too narrow for a value make the call fail with
// EOVERFLOW, but for ids, which are told as the overflow id.

// overflowID is DEFAULT_OVERFLOWUID (include/linux/highuid.h).
const overflowID = 65534

// longest32 is MAX_NON_LFS.
const longest32 = 1<<31 - 1

type fields32 struct{ b []byte }

func (f *fields32) u16(vs ...uint64) {
	for _, v := range vs {
		f.b = binary.NativeEndian.AppendUint16(f.b, uint16(v))
	}
}

func (f *fields32) u32(vs ...uint64) {
	for _, v := range vs {
		f.b = binary.NativeEndian.AppendUint32(f.b, uint32(v))
	}
}

func (f *fields32) u64(vs ...uint64) {
	for _, v := range vs {
		f.b = binary.NativeEndian.AppendUint64(f.b, v)
	}
}

// ids are a user and a group of 16 bits.
func (f *fields32) ids(x *unix.Statx_t) {
	for _, id := range []uint32{x.Uid, x.Gid} {
		if id > 0xffff {
			id = overflowID
		}
		f.u16(uint64(id))
	}
}

// times are those of a stat structure, with nanoseconds if nano.
func (f *fields32) times(x *unix.Statx_t, nano bool) {
	for _, t := range []unix.StatxTimestamp{x.Atime, x.Mtime, x.Ctime} {
		if f.u32(uint64(t.Sec)); nano {
			f.u32(uint64(t.Nsec))
		}
	}
}

// Stat32 is a struct stat of 32-bit calls that says the same as a struct statx
// (cp_compat_stat in fs/stat.c). EOVERFLOW.
func Stat32(x *unix.Statx_t) ([]byte, error) {
	if x.Ino>>32 != 0 || x.Nlink>>16 != 0 || x.Size > longest32 {
		return nil, unix.EOVERFLOW
	}
	var f fields32
	f.u32(unix.Mkdev(x.Dev_major, x.Dev_minor), x.Ino)
	f.u16(uint64(x.Mode), uint64(x.Nlink))
	f.ids(x)
	f.u32(unix.Mkdev(x.Rdev_major, x.Rdev_minor), x.Size, uint64(x.Blksize), x.Blocks)
	f.times(x, true)
	f.u32(0, 0)
	return f.b, nil
}

// Stat64 is their struct stat64 (cp_stat64 in arch/x86/kernel/sys_ia32.c).
func Stat64(x *unix.Statx_t) []byte {
	var f fields32
	f.u64(unix.Mkdev(x.Dev_major, x.Dev_minor))
	f.u32(0, x.Ino, uint64(x.Mode), uint64(x.Nlink), uint64(x.Uid), uint64(x.Gid))
	f.u64(unix.Mkdev(x.Rdev_major, x.Rdev_minor))
	f.u32(0)
	f.u64(x.Size)
	f.u32(uint64(x.Blksize))
	f.u64(x.Blocks)
	f.times(x, true)
	f.u64(x.Ino)
	return f.b
}

// OldStat is a struct __old_kernel_stat (cp_old_stat in fs/stat.c). EOVERFLOW.
func OldStat(x *unix.Statx_t) ([]byte, error) {
	if x.Ino>>16 != 0 || x.Nlink>>16 != 0 || max(x.Dev_major, x.Dev_minor, x.Rdev_major, x.Rdev_minor) > 0xff {
		return nil, unix.EOVERFLOW
	}
	var f fields32
	f.u16(uint64(x.Dev_major<<8|x.Dev_minor), x.Ino, uint64(x.Mode), uint64(x.Nlink))
	f.ids(x)
	f.u16(uint64(x.Rdev_major<<8|x.Rdev_minor), 0)
	f.u32(x.Size)
	f.times(x, false)
	return f.b, nil
}

// Statfs32 is a struct statfs of 32-bit calls (put_compat_statfs in fs/statfs.c).
// EOVERFLOW.
func Statfs32(s *unix.Statfs_t) ([]byte, error) {
	if (s.Blocks|s.Bfree|s.Bavail|uint64(s.Bsize)|uint64(s.Frsize))>>32 != 0 ||
		s.Files>>32 != 0 && s.Files != ^uint64(0) || s.Ffree>>32 != 0 && s.Ffree != ^uint64(0) {
		return nil, unix.EOVERFLOW
	}
	var f fields32
	f.u32(uint64(s.Type), uint64(s.Bsize), s.Blocks, s.Bfree, s.Bavail, s.Files, s.Ffree)
	f.u32(uint64(s.Fsid.Val[0]), uint64(s.Fsid.Val[1]), uint64(s.Namelen), uint64(s.Frsize), uint64(s.Flags), 0, 0, 0, 0)
	return f.b, nil
}

// Statfs64Size is the size of their struct statfs64, in bytes.
const Statfs64Size = 84

// Statfs64 is that structure (put_compat_statfs64). EOVERFLOW.
func Statfs64(s *unix.Statfs_t) ([]byte, error) {
	if (uint64(s.Bsize)|uint64(s.Frsize))>>32 != 0 {
		return nil, unix.EOVERFLOW
	}
	var f fields32
	f.u32(uint64(s.Type), uint64(s.Bsize))
	f.u64(s.Blocks, s.Bfree, s.Bavail, s.Files, s.Ffree)
	f.u32(uint64(s.Fsid.Val[0]), uint64(s.Fsid.Val[1]), uint64(s.Namelen), uint64(s.Frsize), uint64(s.Flags), 0, 0, 0, 0)
	return f.b, nil
}
