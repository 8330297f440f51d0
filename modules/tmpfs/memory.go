package tmpfs

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/hostfs"
)

// memory is a host directory with the numbers of a file system of its own.
type memory struct {
	*hostfs.FS
	dev     uint64
	below   uint64 // that of the directory
	mu      sync.Mutex
	options Options // guarded by mu
}

// Change gives one that Bind made other bounds, and tells all options. The rest
// of them stay. EINVAL where more is used, or a bound comes to be where none was
// (shmem_reconfigure in mm/shmem.c).
func Change(of vfs.FileSystem, options []string) (string, error) {
	f, ok := of.(*memory)
	if !ok {
		return "", nil
	}
	var to Options
	for _, o := range options {
		if _, err := to.Set(o); err != nil {
			return "", err
		}
	}
	blocks, inodes := f.used()
	f.mu.Lock()
	defer f.mu.Unlock()
	o := &f.options
	if to.Sized && to.Blocks != 0 && (o.Blocks == 0 || blocks > to.Blocks) ||
		to.Counted && to.Inodes != 0 && (o.Inodes == 0 || inodes > to.Inodes) ||
		to.Sized && to.Blocks == 0 && o.Blocks != 0 || to.Counted && to.Inodes == 0 && o.Inodes != 0 {
		return "", unix.EINVAL
	}
	if to.Sized {
		o.Blocks, o.Sized = to.Blocks, true
	}
	if to.Counted {
		o.Inodes, o.Counted = to.Inodes, true
	}
	return o.String(), nil
}

var _ vfs.FileSystem = (*memory)(nil)

func (f *memory) number(a *vfs.Attr) {
	a.Dev_major, a.Dev_minor = unix.Major(f.dev), unix.Minor(f.dev)
}

// Dir implements vfs.FileSystem.
func (f *memory) Dir(path string) (vfs.Record, error) {
	r, err := f.FS.Dir(path)
	r.Flags |= vfs.AttrsDiffer
	return r, err
}

// Lstat implements vfs.FileSystem.
func (f *memory) Lstat(path string) (vfs.Attr, error) {
	a, err := f.FS.Lstat(path)
	if err == nil {
		f.number(&a)
	}
	return a, err
}

// Truthful implements vfs.FileSystem.
func (*memory) Truthful() bool { return false }

// FixAttr implements vfs.FileSystem. It leaves the files of others alone.
func (f *memory) FixAttr(a *vfs.Attr, proc string) error {
	if a.Dev() != f.below {
		return nil
	}
	host, err := os.Readlink(proc)
	if err != nil {
		return nil
	}
	if _, ok := f.PathOf(host); !ok {
		return nil
	}
	if err := f.FS.FixAttr(a, proc); err != nil {
		return err
	}
	f.number(a)
	return nil
}

// Statfs implements vfs.FileSystem. What is used is counted anew.
func (f *memory) Statfs(path string) (unix.Statfs_t, error) {
	s, err := f.FS.Statfs(path)
	if err != nil {
		return s, err
	}
	blocks, inodes := f.used()
	f.mu.Lock()
	o := f.options
	f.mu.Unlock()
	s.Type, s.Bsize, s.Frsize, s.Namelen = unix.TMPFS_MAGIC, pageSize, pageSize, unix.NAME_MAX
	s.Fsid = unix.Fsid{Val: [2]int32{int32(f.dev), int32(f.dev >> 32)}}
	s.Blocks, s.Files, s.Bfree, s.Ffree = 0, 0, 0, 0
	if o.Blocks != 0 {
		s.Blocks, s.Bfree = o.Blocks, o.Blocks-min(blocks, o.Blocks)
	}
	if o.Inodes != 0 {
		s.Files, s.Ffree = o.Inodes, o.Inodes-min(inodes, o.Inodes)
	}
	s.Bavail = s.Bfree
	return s, nil
}

// used are the pages and the files in it.
func (f *memory) used() (blocks, inodes uint64) {
	seen := map[uint64]bool{}
	filepath.WalkDir(f.Root, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return nil
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok || seen[st.Ino] {
			return nil
		}
		seen[st.Ino] = true
		inodes++
		if info.Mode().IsRegular() {
			blocks += uint64(st.Blocks) * 512 / pageSize
		}
		return nil
	})
	return blocks, inodes
}
