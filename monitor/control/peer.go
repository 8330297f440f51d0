package control

import (
	"fmt"
	"net"
	"sync"

	"golang.org/x/sys/unix"
)

// PeerError tells that the other end is another user.
type PeerError struct{ UID uint32 }

func (e *PeerError) Error() string {
	return fmt.Sprintf("the other end of the socket is user %d, not you", e.UID)
}

// own is the user as the kernel tells others.
var own = sync.OnceValues(func() (uint32, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("socketpair: %w", err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	u, err := unix.GetsockoptUcred(pair[0], unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0, fmt.Errorf("SO_PEERCRED: %w", err)
	}
	return u.Uid, nil
})

// check refuses other users at the other end, and tells which process is there;
// root may be let in.
func check(c *net.UnixConn, root bool) (pid int, err error) {
	self, err := own()
	if err != nil {
		return 0, err
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var peer *unix.Ucred
	var errno error
	if err := raw.Control(func(fd uintptr) {
		peer, errno = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return 0, err
	}
	if errno != nil {
		return 0, fmt.Errorf("SO_PEERCRED: %w", errno)
	}
	return int(peer.Pid), allowed(peer.Uid, self, root)
}

func allowed(peer, self uint32, root bool) error {
	if peer == self || root && peer == 0 {
		return nil
	}
	return &PeerError{peer}
}
