package sysent

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A param is an argument as the kernel declares it.
type param struct{ ctype, name string }

// renamed are the calls whose entry point in the kernel has another name than
// their number in the headers.
var renamed = map[string]string{
	"newstat": "stat", "newfstat": "fstat", "newlstat": "lstat", "newuname": "uname",
	"sendfile64": "sendfile", "umount": "umount2",
}

// tracefs reads the running kernel's own declarations from
// events/syscalls/sys_enter_*/format. It mounts tracefs in a mount name space
// of a thread that ends afterwards.
func tracefs(t *testing.T) map[string][]param {
	t.Helper()
	type result struct {
		calls map[string][]param
		err   error
	}
	dir, done := t.TempDir(), make(chan result)
	go func() {
		runtime.LockOSThread()
		if err := mountTracefs(dir); err != nil {
			done <- result{nil, err}
			return
		}
		calls, err := readFormats(filepath.Join(dir, "events/syscalls"))
		done <- result{calls, err}
	}()
	r := <-done
	if r.err != nil {
		t.Skipf("the kernel's declarations cannot be had: %v", r.err)
	}
	return r.calls
}

func mountTracefs(dir string) error {
	if err := unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("unshare(CLONE_NEWNS): %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	if err := unix.Mount("tracefs", dir, "tracefs", 0, ""); err != nil {
		return fmt.Errorf("mounting tracefs: %w", err)
	}
	return nil
}

var field = regexp.MustCompile(`field:(.*[ *])(\w+);\toffset:(\d+)`)

func readFormats(dir string) (map[string][]param, error) {
	formats, err := filepath.Glob(filepath.Join(dir, "sys_enter_*", "format"))
	if err != nil || len(formats) == 0 {
		return nil, fmt.Errorf("no formats in %s: a kernel without CONFIG_FTRACE_SYSCALLS (%v)", dir, err)
	}
	calls := map[string][]param{}
	for _, file := range formats {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(filepath.Base(filepath.Dir(file)), "sys_enter_")
		params := []param{}
		for _, m := range field.FindAllStringSubmatch(string(text), -1) {
			if !strings.HasPrefix(m[2], "common_") && m[2] != "__syscall_nr" {
				params = append(params, param{strings.TrimSpace(m[1]), m[2]})
			}
		}
		if other, ok := renamed[name]; ok {
			name = other
		}
		calls[name] = params
	}
	return calls, nil
}

func TestArgumentsAgreeWithTheKernel(t *testing.T) {
	calls := tracefs(t)
	compared := 0
	for name, params := range calls {
		e := ByName(name)
		if e == nil || e.Number() < 0 {
			t.Errorf("%s: the running kernel has it, the table has not", name)
			continue
		}
		compared++
		if n := e.NArgs(); n != len(params) {
			t.Errorf("%s: %d arguments, the kernel takes %d: %v", name, n, len(params), params)
			continue
		}
		for i, p := range params {
			if !p.admits(e.Args[i]) {
				t.Errorf("%s: argument %d is %v, the kernel's is %q %s", name, i, e.Args[i], p.ctype, p.name)
			}
		}
	}
	if compared < 250 {
		t.Errorf("only %d calls compared", compared)
	}
	t.Logf("%d calls compared", compared)
}

// byType are the types that only go with certain roles, and the roles that
// only go with certain types.
var byType = []struct {
	ctype string
	roles []Role
}{
	{"uid_t", []Role{UID}},
	{"gid_t", []Role{GID}},
	{"umode_t", []Role{Mode}},
	{"struct stat *", []Role{Stat}},
	{"struct statx *", []Role{Statx}},
	{"struct statfs *", []Role{Statfs}},
	{"struct open_how *", []Role{How}},
	{"struct clone_args *", []Role{CloneArgs}},
	{"struct xattr_args *", []Role{XattrArgs}},
	{"struct sockaddr *", []Role{SockAddr}},
	{"struct user_msghdr *", []Role{MsgHdr}},
	{"struct mmsghdr *", []Role{MsgHdr}},
	{"struct utimbuf *", []Role{Utimbuf}},
	{"struct __kernel_old_timeval *", []Role{Timevals, BufIn, BufOut, Addr}},
	{"char *const *", []Role{Argv, Envp}},
	{"char *", []Role{Path, NewPath, Target, Source, Name, BufIn, BufOut, Addr}},
	{"pid_t", []Role{PID}},
	{"mqd_t", []Role{FD}},
	{"cap_user_header_t", []Role{BufIn}},
	{"cap_user_data_t", []Role{BufIn, BufOut}},
}

// byKernelName are names that the kernel gives to one kind of argument only.
var byKernelName = map[string][]Role{
	"dfd": {DirFD}, "olddfd": {DirFD}, "from_dfd": {DirFD}, "to_dfd": {NewDirFD},
	"newdfd": {NewDirFD, DirFD}, // symlinkat has only this one
	"fd":     {FD, DirFD, Int},  // execveat; the other task's in pidfd_getfd
	"pidfd":  {FD}, "epfd": {FD}, "ruleset_fd": {FD}, "fd_in": {FD}, "fd_out": {FD}, "ufd": {FD},
	"filename": {Path}, "pathname": {Path}, "path": {Path}, "dir_name": {Path}, "dev_name": {Source},
	"specialfile": {Path}, "special": {Path}, "from_pathname": {Path}, "to_pathname": {NewPath},
	"oldname": {Path, Target}, "newname": {NewPath, Path}, "new_root": {Path}, "put_old": {NewPath},
	"flags": {Flags, XattrFlags, CloneFlags, Int}, "at_flags": {Flags}, "flag": {Flags}, "sig": {Signal, Int, BufIn},
	"clone_flags": {CloneFlags}, "unshare_flags": {CloneFlags}, "usize": {Len}, "mask": {Mask, Mode, Int},
	"family": {AddrFamily}, "addrlen": {AddrLen}, "upeer_addrlen": {AddrLen}, "addr_len": {AddrLen},
}

// admits tells whether a role may stand for what the kernel declares.
func (p param) admits(r Role) bool {
	ctype := strings.TrimPrefix(p.ctype, "const ")
	for _, c := range byType {
		if c.ctype == ctype && !among(r, c.roles) {
			return false
		}
	}
	if roles, ok := byKernelName[p.name]; ok && !among(r, roles) {
		return false
	}
	if strings.HasPrefix(p.ctype, "const ") && pointer(r) && among(r, []Role{BufOut, Stat, Statx, Statfs, FDs}) {
		return false
	}
	return r != None && pointer(r) == (strings.Contains(ctype, "*") || strings.HasPrefix(ctype, "cap_user_")) ||
		r == Addr || (r == AddrLen && strings.HasPrefix(ctype, "int"))
}

func among(r Role, roles []Role) bool {
	for _, x := range roles {
		if x == r {
			return true
		}
	}
	return false
}

// pointer tells whether a role is an address in the guest.
func pointer(r Role) bool {
	switch r {
	case Path, NewPath, Target, Source, Name, Value, BufIn, BufOut, Stat, Statx, Statfs, Times, Timevals, Utimbuf,
		How, Argv, Envp, SockAddr, CloneArgs, MsgHdr, Addr, FDs, XattrArgs:
		return true
	}
	return false
}
