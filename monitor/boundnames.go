package monitor

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/hostpath"
)

// bindings numbers the names below.
var bindings atomic.Uint64

// bindAt binds to a host path and tells the name that the socket then has. The
// file of a path that is longer than an address gets a name of its own first,
// which nobody else has, and then the right one: a socket is found by its file.
func bindAt(fd int, host string) (name string, err error) {
	if len(host) < sunPathMax {
		return host, bindTo(fd, unixAddrOf(host))
	}
	dir, last := splitPath(host)
	at, err := hostpath.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(at)
	first := fmt.Sprintf(".veduta-bind-%d-%d", self, bindings.Add(1))
	name = fmt.Sprintf("/proc/self/fd/%d/%s", at, first)
	if err := bindTo(fd, unixAddrOf(name)); err != nil {
		return "", err
	}
	err = unix.Renameat2(at, first, at, last, unix.RENAME_NOREPLACE)
	if err != nil {
		unix.Unlinkat(at, first, 0)
		if err == unix.EEXIST {
			err = unix.EADDRINUSE
		}
	}
	return name, err
}

// boundNames are what sockets are called that were bound through the view, by
// what the kernel was given instead and will tell (unix(7): getsockname and
// getpeername give the very bytes of bind).
//
// A socket goes without a word, so a name stays until its place is used again.
type boundNames struct {
	mu    sync.Mutex // guards names
	names map[string]boundName
}

type boundName struct {
	given string // the very bytes that bind was given
	host  string // where the file was made
}

// mostBound bounds what is remembered of sockets that may be long gone.
const mostBound = 1 << 16

func (b *boundNames) add(name string, n boundName) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.names == nil || len(b.names) >= mostBound {
		b.names = map[string]boundName{}
	}
	b.names[name] = n
}

func (b *boundNames) find(name string) (boundName, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, ok := b.names[name]
	return n, ok
}

// complete finds a name of which only the beginning is known, and its length; ok
// is false if there is none or more than one.
func (b *boundNames) complete(start string, length int) (name string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for n := range b.names {
		if len(n) == length && strings.HasPrefix(n, start) {
			if ok {
				return "", false
			}
			name, ok = n, true
		}
	}
	return name, ok
}

// unseen is where a path leads that the walk did not find, or that is no path
// of the view: the answer to a sender goes to the name that only the kernel
// knows it by. It gives back err if that is none either.
func (b *boundNames) unseen(p []byte, err error) (host string, _ error) {
	if n, ok := b.find(string(p)); ok {
		return n.host, nil
	}
	return "", err
}
