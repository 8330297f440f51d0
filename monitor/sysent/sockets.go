package sysent

// sockets are the calls that make, name and ask sockets. An address in
// AF_UNIX holds a path. AddrLen is a pointer where the kernel fills the
// address: accept, getsockname, getpeername, recvfrom.
var sockets = []Entry{
	{"socket", OpSocket, Net, args{AddrFamily, Int, Int}, 0, ""},
	{"socketpair", OpSocket, Net, args{AddrFamily, Int, Int, FDs}, 0, ""},
	{"bind", OpBind, Net, args{FD, SockAddr, AddrLen}, 0, ""},
	{"connect", OpConnect, Net, args{FD, SockAddr, AddrLen}, 0, ""},
	{"listen", OpListen, Net, args{FD, Int}, 0, ""},
	{"accept", OpAccept, Net, args{FD, SockAddr, AddrLen}, 0, "address may be NULL"},
	{"accept4", OpAccept, Net, args{FD, SockAddr, AddrLen, Flags}, 0, "address may be NULL"},
	{"getsockname", OpGetsockname, Net, args{FD, SockAddr, AddrLen}, 0, ""},
	{"getpeername", OpGetsockname, Net, args{FD, SockAddr, AddrLen}, 0, ""},
	{"sendto", OpSendto, Net, args{FD, BufIn, Len, Flags, SockAddr, AddrLen}, 0, "no address on a connected socket"},
	{"sendmsg", OpSendmsg, Net, args{FD, MsgHdr, Flags}, 0, "address and SCM_CREDENTIALS in memory"},
	{"sendmmsg", OpSendmsg, Net, args{FD, MsgHdr, Int, Flags}, 0, "address and SCM_CREDENTIALS in memory"},
	{"recvfrom", OpRecvmsg, Net, args{FD, BufOut, Len, Flags, SockAddr, AddrLen}, 0, "address may be NULL"},
	{"recvmsg", OpRecvmsg, Net, args{FD, MsgHdr, Flags}, 0, ""},
	{"recvmmsg", OpRecvmsg, Net, args{FD, MsgHdr, Int, Flags, BufIn}, 0, ""},
	{"shutdown", OpShutdown, Net, args{FD, Int}, 0, ""},
	{"getsockopt", OpGetsockopt, Net, args{FD, Int, Cmd, BufOut, Addr}, 0, "SO_PEERCRED tells ids"},
	{"setsockopt", OpSetsockopt, Net, args{FD, Int, Cmd, BufIn, Len}, 0, ""},
}
