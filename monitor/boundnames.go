package monitor

import (
	"sync"

	"golang.org/x/sys/unix"
)

// boundNames are the names of the sockets that guests bound to paths of the
// view: what bind was given, by what the kernel was given instead and will tell
// (unix(7): getsockname and getpeername give the very bytes of bind).
//
// A socket goes without a word, so a name stays until its place is used again.
type boundNames struct {
	mu    sync.Mutex
	names map[string]string
	turns int
}

func (b *boundNames) put(kernel, guest string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.names == nil {
		b.names = map[string]string{}
	}
	b.names[kernel] = guest
}

func (b *boundNames) get(kernel string) (guest string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	guest, ok = b.names[kernel]
	return guest, ok
}

// tokens is how many numbers of descriptors tell long names from each other.
const tokens = 1 << 12

// bind binds fd to a host path in the place of the guest's name. A path longer
// than an address has room for is reached through its directory, whose
// descriptor gets a number that no other such name had lately: an address
// outlives the descriptor. A name too long for that gets its place by a rename.
func (b *boundNames) bind(fd int, host, guest string) error {
	if len(host) < sunPathMax {
		err := unix.Bind(fd, &unix.SockaddrUnix{Name: host})
		if err == nil {
			b.put(host, guest)
		}
		return err
	}
	dir, name := splitPath(host)
	low, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(low)
	high, err := unix.FcntlInt(uintptr(low), unix.F_DUPFD_CLOEXEC, b.token())
	if err != nil {
		return err
	}
	defer unix.Close(high)
	via := descriptorPaths + itoa(high) + "/" + name
	if len(via) >= sunPathMax {
		via = descriptorPaths + itoa(high) + "/.bind-" + itoa(high)
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: via}); err != nil {
		return err
	}
	b.put(via, guest)
	return unix.Renameat2(unix.AT_FDCWD, via, high, name, 0)
}

// token is the least number of the next directory's descriptor.
func (b *boundNames) token() int {
	var limit unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_NOFILE, &limit)
	n := int(min(limit.Cur/2, tokens))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turns++
	return n + b.turns%max(n, 1)
}

// descriptorPaths is where the kernel shows a process its descriptors.
const descriptorPaths = "/proc/self/fd/"
