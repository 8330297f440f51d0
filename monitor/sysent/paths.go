package sysent

import "golang.org/x/sys/unix"

const (
	nofollow = unix.AT_SYMLINK_NOFOLLOW
	creat    = unix.O_CREAT | unix.O_WRONLY | unix.O_TRUNC
)

// paths are the calls that resolve a path or answer one.
var paths = []Entry{
	{"open", OpOpen, PathName, args{Path, Flags, Mode}, 0, ""},
	{"creat", OpOpen, PathName, args{Path, Mode}, creat, ""},
	{"openat", OpOpen, PathName, args{DirFD, Path, Flags, Mode}, 0, ""},
	{"openat2", OpOpen, PathName, args{DirFD, Path, How, Len}, 0, "flags, mode and RESOLVE_ flags in memory"},
	{"open_tree", OpOpenTree, PathName, args{DirFD, Path, Flags}, 0, "without OPEN_TREE_CLONE an open with O_PATH, which needs no capability"},
	{"open_tree_attr", OpOpenTree, PathName, args{DirFD, Path, Flags, BufIn, Len}, 0, "as open_tree, with a struct mount_attr"},
	{"name_to_handle_at", OpNameToHandle, PathName, args{DirFD, Path, BufOut, BufOut, Flags}, 0, "follows a link only with AT_SYMLINK_FOLLOW"},
	{"open_by_handle_at", OpOpenByHandle, PathName, args{FD, BufIn, Flags}, 0, "reaches any file of the file system that the descriptor is on"},

	{"stat", OpStat, PathName, args{Path, Stat}, 0, ""},
	{"lstat", OpStat, PathName, args{Path, Stat}, nofollow, ""},
	{"newfstatat", OpStat, PathName, args{DirFD, Path, Stat, Flags}, 0, "with AT_EMPTY_PATH the C library's fstat"},
	{"statx", OpStatx, PathName, args{DirFD, Path, Flags, Mask, Statx}, 0, "path may be NULL with AT_EMPTY_PATH"},
	{"access", OpAccess, PathName, args{Path, Mask}, 0, "by real ids"},
	{"faccessat", OpAccess, PathName, args{DirFD, Path, Mask}, 0, "no flags: the C library's are its own"},
	{"faccessat2", OpAccess, PathName, args{DirFD, Path, Mask, Flags}, 0, ""},
	{"readlink", OpReadlink, PathName, args{Path, BufOut, Len}, 0, ""},
	{"readlinkat", OpReadlink, PathName, args{DirFD, Path, BufOut, Len}, 0, "an empty path is the descriptor itself"},
	{"statfs", OpStatfs, PathName, args{Path, Statfs}, 0, ""},

	{"mkdir", OpMkdir, PathName, args{Path, Mode}, 0, ""},
	{"mkdirat", OpMkdir, PathName, args{DirFD, Path, Mode}, 0, ""},
	{"mknod", OpMknod, PathName, args{Path, Mode, Dev}, 0, ""},
	{"mknodat", OpMknod, PathName, args{DirFD, Path, Mode, Dev}, 0, ""},
	{"unlink", OpUnlink, PathName, args{Path}, 0, ""},
	{"unlinkat", OpUnlink, PathName, args{DirFD, Path, Flags}, 0, "with AT_REMOVEDIR rmdir"},
	{"rmdir", OpRmdir, PathName, args{Path}, 0, ""},
	{"symlink", OpSymlink, PathName, args{Target, Path}, 0, ""},
	{"symlinkat", OpSymlink, PathName, args{Target, DirFD, Path}, 0, ""},
	{"link", OpLink, PathName, args{Path, NewPath}, 0, ""},
	{"linkat", OpLink, PathName, args{DirFD, Path, NewDirFD, NewPath, Flags}, 0, "follows a link only with AT_SYMLINK_FOLLOW"},
	{"rename", OpRename, PathName, args{Path, NewPath}, 0, ""},
	{"renameat", OpRename, PathName, args{DirFD, Path, NewDirFD, NewPath}, 0, ""},
	{"renameat2", OpRename, PathName, args{DirFD, Path, NewDirFD, NewPath, Flags}, 0, ""},

	{"chmod", OpChmod, PathName, args{Path, Mode}, 0, ""},
	{"fchmodat", OpChmod, PathName, args{DirFD, Path, Mode}, 0, "no flags: the C library's are its own"},
	{"fchmodat2", OpChmod, PathName, args{DirFD, Path, Mode, Flags}, 0, ""},
	{"chown", OpChown, PathName, args{Path, UID, GID}, 0, ""},
	{"lchown", OpChown, PathName, args{Path, UID, GID}, nofollow, ""},
	{"fchownat", OpChown, PathName, args{DirFD, Path, UID, GID, Flags}, 0, ""},
	{"utime", OpUtimes, PathName, args{Path, Utimbuf}, 0, ""},
	{"utimes", OpUtimes, PathName, args{Path, Timevals}, 0, ""},
	{"futimesat", OpUtimes, PathName, args{DirFD, Path, Timevals}, 0, "path may be NULL: the descriptor itself"},
	{"utimensat", OpUtimes, PathName, args{DirFD, Path, Times, Flags}, 0, "path may be NULL: the descriptor itself"},
	{"truncate", OpTruncate, PathName, args{Path, Offset}, 0, ""},
	{"file_getattr", OpFileAttr, PathName, args{DirFD, Path, BufOut, Len, Flags}, 0, ""},
	{"file_setattr", OpFileAttr, PathName, args{DirFD, Path, BufIn, Len, Flags}, 0, ""},

	{"chdir", OpChdir, PathName, args{Path}, 0, ""},
	{"getcwd", OpGetcwd, PathName, args{BufOut, Len}, 0, "returns the length with the NUL"},
	{"umask", OpUmask, PathName, args{Mode}, 0, ""},
	{"inotify_add_watch", OpInotifyAdd, PathName, args{FD, Path, Mask}, 0, "IN_DONT_FOLLOW in the mask"},
	{"fanotify_mark", OpFanotifyMark, PathName, args{FD, Flags, Mask, DirFD, Path}, 0, "path may be NULL: the descriptor itself"},
	{"swapon", OpSwap, PathName, args{Path, Flags}, 0, ""},
	{"swapoff", OpSwap, PathName, args{Path}, 0, ""},
	{"acct", OpAcct, PathName, args{Path}, 0, "NULL ends accounting"},
	{"uselib", OpUselib, PathName, args{Path}, 0, "removed in 6.16"},
}
