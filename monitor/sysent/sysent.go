package sysent

// Role is what one argument means. Handlers ask for arguments by role, so
// that all spellings of an operation share one handler.
type Role uint8

const (
	None     Role = iota // no such argument
	Int                  // a number without meaning to a view
	DirFD                // descriptor that a relative Path starts from
	FD                   // descriptor the call acts upon
	Path                 // path name, NUL-terminated
	NewDirFD             // second DirFD (rename, link)
	NewPath              // second Path
	Target               // text of a symbolic link, not resolved
	Flags                // open, AT_ or operation flags
	Mode                 // permission bits or file type and permission bits
	Dev                  // device number in the kernel's user encoding
	UID
	GID
	BufIn  // guest memory that the kernel reads
	BufOut // guest memory that the kernel writes
	Len    // length in bytes of the buffer before it
	Stat   // struct stat to fill
	Statx  // struct statx to fill
	Statfs // struct statfs to fill
	Mask   // request mask (statx) or access mode (access)
	Times  // struct timespec[2]
	Timevals
	Utimbuf
	Name // xattr or other name, NUL-terminated
	Value
	How // struct open_how
	Argv
	Envp
	AddrFamily // address family of a socket
	SockAddr
	AddrLen
	Cmd // sub-operation (fcntl, prctl, ioctl, ptrace …)
	PID
	Signal
	Offset
	CloneFlags
	CloneArgs // struct clone_args
	MsgHdr    // struct msghdr, or an array of struct mmsghdr
	Addr      // another address: of a mapping, of a structure that a view leaves alone
	FDs       // int[2] to fill
	XattrArgs // struct xattr_args
	// XattrFlags are XATTR_CREATE and XATTR_REPLACE: not Flags, which are the
	// AT_ flags among the spellings of the same operation.
	XattrFlags
	Stat64     // struct stat64 of 32-bit calls to fill
	OldStat    // struct __old_kernel_stat to fill
	Statfs64   // struct statfs64 of 32-bit calls to fill
	OffsetHigh // the upper half of the Offset before it
	Times64    // struct timespec[2] with 64 bits for each member
	Source     // what to mount: a path, a device or a word, as the file system type has it
)

// Op is the operation that a call spells; several calls may spell one.
type Op uint16

// Family says which part of a view a call concerns. A call of a family that
// no module has bound is never trapped.
type Family uint8

const (
	Plain     Family = iota // no path, no descriptor meaning, no identity: never trapped
	Lifecycle               // clone, exec, exit: the monitor itself
	PathName                // takes a path
	Descr                   // metadata of a descriptor (fstat, fchmod, getdents …)
	Identity                // ids, groups, capabilities
	UTS
	Net
	Clock
	Mount  // mount tree, root, quotas
	Tracer // ptrace, process_vm_*, pidfd_getfd: looks into other tasks
	Filter // seccomp, prctl parts of it, io_uring: ways around the filter
)

// Entry is one row of the table.
type Entry struct {
	Name   string // the kernel's name, as in the headers
	Op     Op
	Family Family
	Args   [6]Role
	// Implied are flags that the spelling itself stands for, because it has
	// no argument for them: AT_SYMLINK_NOFOLLOW of lstat, the O_ flags of
	// creat, the CLONE_ flags of vfork.
	Implied uint64
	Note    string // what is special about it, for doc/SYSCALLS.md
}

// Arg gives the index of the first argument with a role, or -1.
func (e *Entry) Arg(r Role) int {
	for i, a := range e.Args {
		if a == r {
			return i
		}
	}
	return -1
}

// Has tells whether the spelling has an argument of a role.
func (e *Entry) Has(r Role) bool { return e.Arg(r) >= 0 }
