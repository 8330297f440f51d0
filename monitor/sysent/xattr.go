package sysent

// xattrs are the extended attributes, in four spellings each.
var xattrs = []Entry{
	{"getxattr", OpGetxattr, PathName, args{Path, Name, Value, Len}, 0, ""},
	{"lgetxattr", OpGetxattr, PathName, args{Path, Name, Value, Len}, nofollow, ""},
	{"fgetxattr", OpFgetxattr, Descr, args{FD, Name, Value, Len}, 0, ""},
	{"getxattrat", OpGetxattr, PathName, args{DirFD, Path, Flags, Name, XattrArgs, Len}, 0, ""},

	{"setxattr", OpSetxattr, PathName, args{Path, Name, Value, Len, XattrFlags}, 0, ""},
	{"lsetxattr", OpSetxattr, PathName, args{Path, Name, Value, Len, XattrFlags}, nofollow, ""},
	{"fsetxattr", OpFsetxattr, Descr, args{FD, Name, Value, Len, XattrFlags}, 0, ""},
	{"setxattrat", OpSetxattr, PathName, args{DirFD, Path, Flags, Name, XattrArgs, Len}, 0, "XATTR_ flags in memory"},

	{"listxattr", OpListxattr, PathName, args{Path, BufOut, Len}, 0, ""},
	{"llistxattr", OpListxattr, PathName, args{Path, BufOut, Len}, nofollow, ""},
	{"flistxattr", OpFlistxattr, Descr, args{FD, BufOut, Len}, 0, ""},
	{"listxattrat", OpListxattr, PathName, args{DirFD, Path, Flags, BufOut, Len}, 0, ""},

	{"removexattr", OpRemovexattr, PathName, args{Path, Name}, 0, ""},
	{"lremovexattr", OpRemovexattr, PathName, args{Path, Name}, nofollow, ""},
	{"fremovexattr", OpFremovexattr, Descr, args{FD, Name}, 0, ""},
	{"removexattrat", OpRemovexattr, PathName, args{DirFD, Path, Flags, Name}, 0, ""},
}
