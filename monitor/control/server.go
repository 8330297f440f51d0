package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// mostClients are served at a time; others wait.
const mostClients = 8

// Server answers on a monitor's socket.
type Server struct {
	l    *net.UnixListener
	path string
	wait sync.WaitGroup
}

// Serve makes the socket of this process in dir and answers there until Close.
func Serve(dir string, answer func(Question) Answer) (*Server, error) {
	path := filepath.Join(dir, strconv.Itoa(os.Getpid())+suffix)
	// An earlier process of this number has been killed.
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	l, err := listen(dir, path)
	if err != nil {
		return nil, fmt.Errorf("control socket %s: %w", path, err)
	}
	s := &Server{l: l, path: path}
	for range mostClients {
		s.wait.Go(func() {
			for {
				c, err := l.AcceptUnix()
				if err != nil {
					return
				}
				serve(c, answer)
			}
		})
	}
	return s, nil
}

// listen binds a socket that only its owner may connect to, whatever the umask.
func listen(dir, path string) (l *net.UnixListener, err error) {
	err = address(dir, os.Getpid(), func(a *net.UnixAddr) error {
		l, err = net.ListenUnix(a.Net, a)
		return err
	})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // its address may hold a descriptor that is closed
	if err := unix.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// serve answers one question.
func serve(c *net.UnixConn, answer func(Question) Answer) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	pid, err := check(c, true)
	if err != nil {
		return
	}
	var q Question
	if read(c, mostAsked, &q) != nil {
		return
	}
	a := Answer{Error: ErrVersion.Error()}
	if q.Version == Version {
		q.Peer = pid
		a = answer(q)
	}
	a.Version = Version
	json.NewEncoder(c).Encode(&a)
}

// Close ends the service and removes the socket.
func (s *Server) Close() error {
	err := errors.Join(os.Remove(s.path), s.l.Close())
	s.wait.Wait()
	return err
}
