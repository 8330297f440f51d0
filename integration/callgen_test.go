package integration

import (
	"fmt"
	"math/rand"
	"strings"
)

// generator makes cases for static_calls from a seed.
type generator struct {
	*rand.Rand
	dots bool // with "..": only where nothing above the case can be harmed
}

func (g *generator) one(of int) int { return g.Intn(of) }

func pick[T any](g *generator, from []T) T { return from[g.Intn(len(from))] }

// argument makes one argument, or several that belong together.
type argument func(*generator) string

// spelling is a call and what it is given.
type spelling struct {
	weight int
	name   string
	args   []argument
}

func row(weight int, name string, args ...argument) spelling { return spelling{weight, name, args} }

var (
	outer  argument = (*generator).path
	inner  argument = (*generator).inside
	dirfd  argument = (*generator).dirfd
	fd     argument = (*generator).fd
	mode   argument = (*generator).mode
	id     argument = (*generator).id
	size   argument = (*generator).size
	times  argument = (*generator).times
	target argument = (*generator).target
	xname  argument = (*generator).xattrName
	xvalue argument = (*generator).xattrValue
	addr   argument = (*generator).address
	how    argument = (*generator).openHow

	empty = bits(6, 0x100, 0x1000)
	// No whiteouts (0:0, RENAME_WHITEOUT): overlayfs, the kernel's too, has none for its users.
	device = oneOf("0x103", "0x105", "0x107", "0xfa01", "0x100000103")
	kind   = oneOf("0100644", "0100644", "010600", "010644", "0140755", "020666", "060600", "0644", "0", "040755", "0120777", "0170000", "024666")
	xflags = bits(6, 1, 2)
	length = oneOf("100", "100", "0", "1", "-1", "65536")
)

// spellings is what is called, by family.
var spellings = []spelling{
	row(30, "openat", dirfd, inner, openFlags, mode), row(6, "openat2", dirfd, inner, how), row(8, "open", inner, openFlags, mode),
	row(1, "creat", inner, mode), row(6, "close", fd), row(1, "close_range", oneOf("3", "0", "5", "7"), oneOf("4", "6", "-1", "3", "2"), bits(4, 2, 4)),
	row(4, "dup", fd), row(3, "dup2", fd, fd), row(3, "dup3", fd, fd, bits(2, 0x80000)),
	row(4, "fcntl", fd, oneOf("0", "1", "3", "4", "1030", "1033", "1034", "99"), oneOf("0", "5", "0x800", "0x400", "1")),

	row(5, "read", fd, output("100"), oneOf("100", "10", "0")), row(6, "write", fd, oneOf(`"text"`, `"more text"`, "1", "0"), oneOf("4", "0", "2")),
	row(2, "pread64", fd, output("50"), oneOf("50", "4"), size), row(2, "pwrite64", fd, oneOf(`"data"`), oneOf("4"), oneOf("0", "3", "100", "-1")),
	row(3, "lseek", fd, oneOf("0", "2", "-1", "1000"), oneOf("0", "1", "2", "3", "4", "9")),

	row(12, "newfstatat", dirfd, outer, output("stat"), empty), row(5, "stat", outer, output("stat")), row(5, "lstat", outer, output("stat")),
	row(10, "fstat", fd, output("stat")), row(6, "statx", dirfd, outer, bits(6, 0x100, 0x1000, 0x800, 0x2000, 0x4000), oneOf("0x7ff", "0xfff", "0", "0x80000000", "0x1"), output("statx")),
	row(2, "statfs", outer, output("statfs")), row(2, "fstatfs", fd, output("statfs")),
	row(4, "faccessat", dirfd, outer, bits(3, 1, 2, 4)), row(5, "faccessat2", dirfd, outer, bits(3, 1, 2, 4), bits(4, 0x100, 0x200, 0x1000)),
	row(3, "access", outer, bits(3, 1, 2, 4)), row(5, "readlinkat", dirfd, outer, output("200"), oneOf("200", "3", "0", "-1")),
	row(3, "readlink", outer, output("200"), oneOf("200", "3", "0", "-1")),

	row(10, "mkdirat", dirfd, inner, mode), row(4, "mkdir", inner, mode), row(8, "mknodat", dirfd, inner, kind, device), row(3, "mknod", inner, kind, device),
	row(12, "unlinkat", dirfd, inner, bits(2, 0x200)), row(4, "unlink", inner), row(4, "rmdir", inner),
	row(7, "symlinkat", target, dirfd, inner), row(3, "symlink", target, inner),
	row(9, "linkat", dirfd, inner, dirfd, inner, bits(4, 0x400)), row(2, "linkat", fd, oneOf(`""`), dirfd, inner, oneOf("0", "0x400")), row(3, "link", inner, inner),
	row(16, "renameat2", dirfd, inner, dirfd, inner, bits(7, 1, 2)), row(6, "rename", inner, inner), row(3, "renameat", dirfd, inner, dirfd, inner),

	row(5, "fchmodat", dirfd, inner, mode), row(4, "fchmodat2", dirfd, inner, mode, empty), row(3, "chmod", inner, mode), row(5, "fchmod", fd, mode),
	row(5, "fchownat", dirfd, inner, id, id, empty), row(3, "chown", inner, id, id), row(3, "lchown", inner, id, id), row(5, "fchown", fd, id, id),
	row(8, "utimensat", dirfd, oneOf("0"), times, oneOf("0")), row(8, "utimensat", dirfd, inner, times, empty), row(2, "utimes", inner, times), row(1, "futimesat", dirfd, inner, times), row(1, "utime", inner, times),
	row(5, "truncate", inner, size), row(4, "ftruncate", fd, size), row(3, "fallocate", fd, oneOf("0", "1", "3"), size, size),

	row(3, "getxattr", outer, xname, output("100"), length), row(2, "lgetxattr", outer, xname, output("100"), length), row(3, "fgetxattr", fd, xname, output("100"), length),
	row(4, "setxattr", inner, xname, xvalue, xflags), row(3, "lsetxattr", inner, xname, xvalue, xflags), row(4, "fsetxattr", fd, xname, xvalue, xflags),
	row(3, "listxattr", outer, output("names:100"), length), row(2, "llistxattr", outer, output("names:100"), length), row(3, "flistxattr", fd, output("names:100"), length),
	row(3, "removexattr", inner, xname), row(2, "lremovexattr", inner, xname), row(3, "fremovexattr", fd, xname),

	row(6, "!list", fd, oneOf("4096", "280", "64", "600")), row(3, "!seek", fd, oneOf("1", "3", "6")),
	row(2, "getdents64", fd, output("dents:32768"), oneOf("32768", "20", "0")), row(2, "getdents", fd, output("dents32:32768"), oneOf("32768", "20")),
	row(6, "chdir", inner), row(5, "fchdir", fd), row(5, "getcwd", output("5000"), oneOf("5000", "3", "0", "4096")), row(3, "umask", mode),

	row(2, "getresuid", output("4"), output("4"), output("4")), row(2, "getresgid", output("4"), output("4"), output("4")), row(1, "getuid"), row(1, "geteuid"), row(1, "getgid"), row(1, "getegid"),
	row(2, "getgroups", oneOf("0", "10", "1", "-1"), output("40")), row(1, "setuid", id), row(1, "setgid", id), row(1, "setreuid", id, id), row(1, "setregid", id, id),
	row(2, "setresuid", id, id, id), row(1, "setresgid", id, id, id), row(2, "setfsuid", id), row(2, "setfsgid", id),
	row(1, "setgroups", oneOf("0", "1", "3", "-1", "65537"), oneOf("<0c00000001000000e8030000>", "0", "1")),
	row(2, "capget", oneOf("=2205082000000000", "=2005082000000000", "=1234567800000000", "0", "=22050820ffffffff", "=2610071900000000"), output("24")),
	row(1, "capset", oneOf("=2205082000000000", "=2005082000000000", "1"), oneOf("<000000000000000000000000000000000000000000000000>", "<0f0000000f0000000000000000000000000000000000000000>", "0")),
	row(3, "prctl", oneOf("8", "27", "28", "38", "39", "23", "24", "47", "3", "7"), oneOf("0", "1", "2", "5", "0x20", "47"), oneOf("0", "1", "7"), oneOf("0", "0", "1"), oneOf("0", "0", "1")),
	row(2, "uname", output("390")), row(1, "sethostname", oneOf(`"lab"`, `""`, "1"), oneOf("3", "0", "64", "65", "-1")), row(1, "setdomainname", oneOf(`""`, "1", `"dom"`), oneOf("0", "3", "65")),
	row(1, "fsync", fd), row(1, "getpriority", oneOf("0", "9"), oneOf("0", "99999999")), row(1, "utimensat", fd, oneOf("0"), times, empty), row(1, "faccessat2", fd, oneOf(`""`), bits(3, 1, 2, 4), oneOf("0x1000", "0x1200", "0x1100")),
	row(1, "readlinkat", fd, oneOf(`""`), output("200"), oneOf("200", "0")), row(1, "newfstatat", fd, oneOf(`""`), output("stat"), oneOf("0x1000", "0x1100", "0")),
	row(2, "rmdir", oneOf(`"."`, `"../g"`, `"$/d/b"`, `"$/y/g"`)), row(2, "chdir", oneOf(`"$"`, `"$/d/b"`, `"$/y/g"`)),

	row(4, "socket", oneOf("1"), oneOf("0x801", "0x802", "0x805"), oneOf("0", "0", "1", "7")), row(1, "socketpair", oneOf("1"), oneOf("0x801", "0x802"), oneOf("0"), output("8")),
	row(5, "bind", fd, addr), row(5, "connect", fd, addr), row(3, "listen", fd, oneOf("5")), row(2, "accept4", fd, output("120"), oneOf("=78000000", "=00000000", "=ffffffff", "0"), oneOf("0x800", "0")),
	row(4, "getsockname", fd, output("120"), oneOf("=78000000", "=03000000", "=ffffffff", "0", "=00000000")), row(3, "getpeername", fd, output("120"), oneOf("=78000000", "=03000000")),
	row(4, "sendto", fd, oneOf(`"hello"`), oneOf("5"), oneOf("0x40"), addr), row(2, "recvfrom", fd, output("20"), oneOf("20"), oneOf("0x40"), output("120"), oneOf("=78000000", "=04000000")),

	row(2, "inotify_init1", oneOf("0x800")), row(4, "inotify_add_watch", fd, outer, oneOf("0xfff", "0x2000002", "0", "0x1000002", "0x20000fff")), row(1, "inotify_rm_watch", fd, oneOf("1", "2", "9")),
	row(1, "pipe2", output("8"), oneOf("0x800")), row(1, "memfd_create", oneOf(`"m"`), oneOf("0", "1")), row(1, "flock", fd, oneOf("5", "6", "8", "4")),
	row(8, "!spawn", dirfd, outer, oneOf("0", "0", "0", "0x100", "0x1000")),
	row(1, "nr:600"), row(1, "nr:5000"), row(1, "nr:0x40000000"), row(1, "nr:-5"), row(1, "getpgid", oneOf("-1", "99999999")),

	row(2, "setxattrat", dirfd, inner, empty, xname, oneOf("1", "0"), oneOf("16", "8")), row(2, "listxattrat", dirfd, outer, empty, output("names:100"), length), row(2, "removexattrat", dirfd, inner, empty, xname),
	row(2, "copy_file_range", fd, oneOf("0"), fd, oneOf("0"), oneOf("10"), oneOf("0")), row(2, "sendfile", fd, fd, oneOf("0"), oneOf("10")),
	row(1, "ioctl", fd, oneOf("0x80086601", "0x5401", "0xdeadbeef"), output("8")),
}

var total = func() (n int) {
	for _, s := range spellings {
		n += s.weight
	}
	return n
}()

// call is one line: a call with its arguments.
func (g *generator) call() string {
	at := g.one(total)
	for _, s := range spellings {
		if at -= s.weight; at >= 0 {
			continue
		}
		line := s.name
		for _, a := range s.args {
			line += " " + a(g)
		}
		if magicLink(line) {
			return g.call()
		}
		return line
	}
	panic("unreachable")
}

// magicLink tells that a call would change a link of procfs itself: that is the
// real user's.
func magicLink(line string) bool {
	name, args, _ := strings.Cut(line, " ")
	last := args[strings.LastIndexByte(args, ' ')+1:]
	changes := strings.Contains(name, "chown") || strings.Contains(name, "chmod") || strings.Contains(name, "utime") || strings.Contains(name, "xattr")
	if strings.Contains(name, "stat") && (strings.Contains(args, `"/proc/self`) || strings.Contains(args, `"/proc/thread-self`)) {
		return true // whose owner is the real user
	}
	return changes && strings.Contains(args, "/proc/") && (name[0] == 'l' || strings.HasPrefix(last, "0x1"))
}

// plantation is the initial tree of every case.
const plantation = `
+ mkdirat -100 "d" 0755
+ mkdirat -100 "d/e" 0755
+ mkdirat -100 "y" 0777
+ mkdirat -100 "d/b" 0700
+ mkdirat -100 "y/g" 01777
+ mkdirat -100 "y/s" 02775
+ !file "f" 0644 "text of f"
+ !file "g" 0600 ""
+ !file "d/f" 0644 "text of d/f"
+ !file "d/e/f" 0444 "text of d/e/f"
+ !file "d/a" 04755 "set-uid"
+ !file "y/a" 0400 "read-only"
+ !file "d/y" 0755 "#!./x\x0a"
+ !file "y/x" 0755 "#!x one\x0a"
+ !file "y/y" 0644 "v"*5000
+ linkat -100 "f" -100 "d/g" 0
+ linkat -100 "y/y" -100 "b" 0
+ symlinkat "d" -100 "l"
+ symlinkat "f" -100 "m"
+ symlinkat "../f" -100 "d/l"
+ symlinkat "$/y" -100 "d/m"
+ symlinkat "m" -100 "y/m"
+ symlinkat "nowhere" -100 "y/l"
+ mknodat -100 "p" 010644 0
+ mknodat -100 "d/p" 010600 0
+ mknodat -100 "d/s" 0140755 0
+ setxattr "f" "user.a" <616263> 3 0
+ setxattr "d" "user.b" <31> 1 0
`

// aged sets the times of the initial tree back.
var aged = func() string {
	var b strings.Builder
	for i, p := range []string{"f", "g", "d/f", "d/e/f", "d/a", "d/y", "y/x", "y/y", "m", "l", "d/l", "p", "d/s", "d/e", "d", "y", "y/g", "."} {
		fmt.Fprintf(&b, "+ utimensat -100 %q <%s%s%s%s> 0x100\n", p, word64(1e6), word64(uint64(i)), word64(1e6), word64(uint64(i+100)))
	}
	return b.String()
}()

// kase is a case: an initial tree and calls.
type kase struct {
	name    string
	workers int
	plants  string
	calls   []string
}

func (k kase) String() string {
	return fmt.Sprintf("case %s %d\n%s%s\n", k.name, k.workers, strings.TrimLeft(k.plants, "\n"), strings.Join(k.calls, "\n"))
}

// random makes a case of n calls from a seed.
func random(seed int64, n int, dots bool) kase {
	g := &generator{rand.New(rand.NewSource(seed)), dots}
	k := kase{name: fmt.Sprint("s", seed), workers: pick(g, []int{1, 1, 2, 3, 5})}
	k.plants = plantation
	if g.one(2) == 0 {
		k.plants += "+ !program \"x\" 0755\n"
	}
	k.plants += aged
	who := 0
	for range n {
		if g.one(6) == 0 {
			who = g.one(k.workers)
		}
		k.calls = append(k.calls, fmt.Sprintf("@%d %s", who, g.call()))
	}
	return k
}
