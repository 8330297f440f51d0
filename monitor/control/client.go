package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Monitors lists the process ids of those who may be listening in a directory.
func Monitors(dir string) ([]int, error) {
	list, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	var pids []int
	for _, e := range list {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		pid, err := strconv.Atoi(name)
		if ok && err == nil && pid > 0 {
			pids = append(pids, pid)
		}
	}
	sort.Ints(pids)
	return pids, nil
}

// ErrGone is a monitor that listens no more.
var ErrGone = errors.New("it is no more")

// Ask asks the monitor with a process id. The socket of one that is gone is
// removed.
func Ask(dir string, pid int, q Question) (*Answer, error) {
	path := filepath.Join(dir, strconv.Itoa(pid)+suffix)
	var c *net.UnixConn
	err := address(dir, pid, func(a *net.UnixAddr) (err error) {
		c, err = net.DialUnix(a.Net, nil, a)
		return err
	})
	switch {
	case errors.Is(err, unix.ECONNREFUSED):
		os.Remove(path)
		return nil, ErrGone
	case errors.Is(err, unix.ENOENT):
		return nil, ErrGone
	case err != nil:
		return nil, err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	if _, err := check(c, false); err != nil {
		return nil, err
	}
	q.Version = Version
	if err := json.NewEncoder(c).Encode(&q); err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	var a Answer
	if err := read(c, mostSaid, &a); err != nil {
		return nil, err
	}
	switch {
	case a.Version != Version:
		return nil, ErrVersion
	case a.Error != "":
		return nil, errors.New(a.Error)
	}
	return &a, nil
}
