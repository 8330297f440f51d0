package sysent

// mounts are the calls that change or tell the mount tree and the root.
var mounts = []Entry{
	{"mount", OpMount, Mount, args{Source, Path, Name, Flags, BufIn}, 0, "what the source is depends on type and flags"},
	{"umount2", OpUmount, Mount, args{Path, Flags}, 0, "UMOUNT_NOFOLLOW in the flags"},
	{"pivot_root", OpPivotRoot, Mount, args{Path, NewPath}, 0, "path is the new root, newpath where the old one goes"},
	{"chroot", OpChroot, Mount, args{Path}, 0, ""},
	{"move_mount", OpMoveMount, Mount, args{DirFD, Path, NewDirFD, NewPath, Flags}, 0, "MOVE_MOUNT_ flags; both paths may be empty"},
	{"mount_setattr", OpMountSetattr, Mount, args{DirFD, Path, Flags, BufIn, Len}, 0, ""},
	{"fsopen", OpFsopen, Mount, args{Name, Flags}, 0, ""},
	{"fsconfig", OpFsconfig, Mount, args{FD, Cmd, Name, Addr, Int}, 0, "with FSCONFIG_SET_PATH the value is a path and aux its dirfd"},
	{"fsmount", OpFsmount, Mount, args{FD, Flags, Int}, 0, ""},
	{"fspick", OpFspick, Mount, args{DirFD, Path, Flags}, 0, "FSPICK_ flags"},
	{"statmount", OpStatmount, Mount, args{BufIn, BufOut, Len, Flags}, 0, ""},
	{"listmount", OpListmount, Mount, args{BufIn, BufOut, Int, Flags}, 0, ""},
	{"quotactl", OpQuotactl, Mount, args{Cmd, Path, Int, Addr}, 0, "path is a block device; with Q_QUOTAON addr is a path too"},
	{"quotactl_fd", OpQuotactl, Mount, args{FD, Cmd, Int, Addr}, 0, ""},
}
