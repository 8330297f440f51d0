package sysent

// descr are the calls that ask or change what belongs to the file behind a
// descriptor. Those that move its data are plain: every descriptor of a guest
// is a real one.
var descr = []Entry{
	{"fstat", OpFstat, Descr, args{FD, Stat}, 0, ""},
	{"fchmod", OpFchmod, Descr, args{FD, Mode}, 0, ""},
	{"fchown", OpFchown, Descr, args{FD, UID, GID}, 0, ""},
	{"fstatfs", OpFstatfs, Descr, args{FD, Statfs}, 0, ""},
	{"fchdir", OpFchdir, Descr, args{FD}, 0, ""},
	{"getdents", OpGetdents, Descr, args{FD, BufOut, Len}, 0, "struct linux_dirent, type in the last byte"},
	{"getdents64", OpGetdents, Descr, args{FD, BufOut, Len}, 0, ""},
}
