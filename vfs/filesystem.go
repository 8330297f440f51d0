package vfs

import "golang.org/x/sys/unix"

// Owner is who a new object belongs to: the fsuid and fsgid of the guest in
// the ids of the view.
type Owner struct{ UID, GID uint32 }

// How is the part of open(2)'s arguments that decides where a file is.
type How struct {
	// Flags are those of open(2).
	Flags int
	// Mode is that of open(2), the umask already taken off.
	Mode uint32
	// Owner of the file, should the open create it.
	Owner Owner
}

// Writes tells whether the open may change the file or its data.
func (h How) Writes() bool {
	return h.Flags&unix.O_ACCMODE != unix.O_RDONLY || h.Flags&unix.O_TRUNC != 0
}

// WantsWrite tells whether the mount must take changes: not for the access mode
// 3, which asks for the permission to read and write and gives neither (open(2)).
func (h How) WantsWrite() bool {
	mode := h.Flags & unix.O_ACCMODE
	return mode == unix.O_WRONLY || mode == unix.O_RDWR || h.Flags&unix.O_TRUNC != 0
}

// Place is where an open has to go, decided by a file system.
type Place struct {
	// Host is the host path whose open gives the guest its descriptor. Its
	// parent exists, and no link is left to follow in it.
	Host string
	// Create: there is no such file yet, and an open of Host with O_CREAT
	// makes it. Whoever opens must then call Created with the descriptor.
	Create bool
	// Mode to create with; it may hold more than was asked for, where the
	// backing file needs it (Created puts the difference on record).
	Mode uint32
	// Stamp: a created file needs Created, because its owner or mode cannot
	// be told from the backing file.
	Stamp bool
	// Bare: the guest's own credentials cannot be left to open Host (a mode
	// that would refuse its owner); the monitor has to.
	Bare bool
	// Kind is the file type (unix.S_IFMT values) if the file exists, else 0.
	Kind uint32
	// Data, if not nil, is what the file holds: it exists only in the view and
	// has no Host. Opens of it are snapshots.
	Data []byte
}

// SetAttr is a change of attributes; a field counts if its bit is in Valid.
type SetAttr struct {
	Valid        SetMask
	Mode         uint32 // permission and set-id bits
	UID, GID     uint32
	Size         int64         // bytes
	Atime, Mtime unix.Timespec // UTIME_NOW and UTIME_OMIT as in utimensat(2)
}

// SetMask says which fields of a SetAttr count.
type SetMask uint8

const (
	SetMode SetMask = 1 << iota
	SetUID
	SetGID
	SetSize
	SetTimes
)

// Dirent is one entry of a directory listing; Type is a DT_ value of
// getdents64(2).
type Dirent struct {
	Name string
	Ino  uint64
	Type uint8
}

// FileSystem is what a view has mounted somewhere. Paths are absolute inside
// the file system, clean (no ".", "..", doubled or trailing slashes), "/" is its
// root; no component but the last is a symbolic link, and the last is never
// followed. Permission has been checked by the caller with the ids of the view;
// an implementation refuses only what it cannot do. Errors wrap unix.Errno.
//
// All methods may be called from several goroutines at once.
type FileSystem interface {
	// Dir classifies a directory. ENOENT, ENOTDIR (also for a link).
	Dir(path string) (Record, error)

	// Lstat gives the attributes as the view shows them.
	Lstat(path string) (Attr, error)
	// Readlink gives the target of a symbolic link. EINVAL if it is none.
	Readlink(path string) (string, error)
	// Open prepares an open: parents copied up, data copied up, whiteout
	// removed, as the flags require. EEXIST, ENOENT, EISDIR, ELOOP (a link,
	// and not O_PATH), EROFS as open(2).
	Open(path string, how How) (Place, error)
	// Created must be called for a file that an open of Place.Host with
	// O_CREAT has just made, with a descriptor of it (or of any open of it).
	Created(path string, fd int, how How) error
	// List lists a directory whose class is merged or virtual (others are
	// listed by the kernel), with "." and "..", no whiteouts, no duplicates.
	List(path string) ([]Dirent, error)

	Mkdir(path string, mode uint32, o Owner) error
	Mknod(path string, mode uint32, rdev uint64, o Owner) error
	Symlink(target, path string, o Owner) error
	// Link makes newpath another name of oldpath, as link(2).
	Link(oldpath, newpath string) error
	Unlink(path string) error
	Rmdir(path string) error
	// Rename takes the flags of renameat2(2).
	Rename(oldpath, newpath string, flags uint) error

	SetAttr(path string, s SetAttr) error
	Getxattr(path, name string) ([]byte, error)
	Setxattr(path, name string, value []byte, flags int) error
	Listxattr(path string) ([]string, error)
	Removexattr(path, name string) error
	Statfs(path string) (unix.Statfs_t, error)

	// FixAttr turns the attributes of a host file that a guest's descriptor
	// refers to into those of the view. proc is a path that reaches the very
	// file (/proc/PID/fd/N).
	FixAttr(a *Attr, proc string) error
	// Truthful tells that FixAttr would change nothing of any file but perhaps
	// a directory. It makes no system call.
	Truthful() bool
	// PathOf maps a host path (as readlink of /proc/PID/fd/N tells it) back
	// to a path of this file system; false if the file is not in it.
	PathOf(host string) (string, bool)
	// Holds tells whether a host file is where changes of the view go already
	// (mine), so that a change through a descriptor of it needs no copy-up, and
	// whether the file itself keeps all that the view shows of it (plain). It
	// makes no system call.
	Holds(host string) (mine, plain bool)
	// SetAttrFD changes attributes of the file behind a guest's descriptor
	// that no path leads to any more (it has been removed or renamed over).
	SetAttrFD(proc string, s SetAttr) error
	// GetxattrFD, SetxattrFD, ListxattrFD and RemovexattrFD are for such a file,
	// too, and for one that never had a path: a memfd.
	GetxattrFD(proc, name string) ([]byte, error)
	SetxattrFD(proc, name string, value []byte, flags int) error
	ListxattrFD(proc string) ([]string, error)
	RemovexattrFD(proc, name string) error
}

// OnChange is called by a file system after the class of directories at and
// below path changed (a copy-up, a rename, a removal), before the operation
// returns. It must not call back into the file system.
type OnChange func(path string)
