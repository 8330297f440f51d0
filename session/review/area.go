package review

import (
	"crypto/rand"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// commitDir holds the journal, and the slots on the session's own mount.
func commitDir(s *session.Session) string { return filepath.Join(s.Dir(), "commit") }

// areas are directories for slots, one on each mount that a commit touches.
type areas struct {
	s     *session.Session
	token string
	dirs  map[uint64]string // by mount id
	next  int
}

func newAreas(s *session.Session) (*areas, error) {
	home := filepath.Join(commitDir(s), "slots")
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, err
	}
	a, err := vfs.HostLstat(home)
	if err != nil {
		return nil, err
	}
	return &areas{s: s, token: strings.ToLower(rand.Text()[:8]), dirs: map[uint64]string{a.Mnt_id: home}}, nil
}

// slot is a free path on the mount that dir, a real directory, is on.
func (r *areas) slot(dir string) (string, error) {
	a, err := vfs.HostLstat(dir)
	if err != nil {
		return "", err
	}
	area, ok := r.dirs[a.Mnt_id]
	if !ok {
		if area, err = r.make(dir, a.Mnt_id); err != nil {
			return "", err
		}
		r.dirs[a.Mnt_id] = area
	}
	r.next++
	return filepath.Join(area, strconv.Itoa(r.next)), nil
}

// make makes an area as far up the mount as the caller may: a directory that
// the commit moves must not carry it away.
func (r *areas) make(dir string, mount uint64) (string, error) {
	var ways []string
	for d := dir; ; d = path.Dir(d) {
		a, err := vfs.HostLstat(d)
		if err != nil || a.Mnt_id != mount {
			break
		}
		ways = append(ways, d)
		if d == "/" {
			break
		}
	}
	var last error
	for i := len(ways) - 1; i >= 0; i-- {
		if last = unix.Faccessat(unix.AT_FDCWD, ways[i], unix.W_OK|unix.X_OK, unix.AT_EACCESS); last != nil {
			continue
		}
		area := filepath.Join(ways[i], session.AreaPrefix+r.s.Name()+"-"+r.token)
		if err := r.s.AddArea(area); err != nil {
			return "", err
		}
		if last = os.Mkdir(area, 0o700); last == nil {
			return area, nil
		}
	}
	return "", fmt.Errorf("no place beside %s to prepare its files: %w; run as root", dir, last)
}

// sync makes what is in the areas durable, and the trees beside them.
func (r *areas) sync() error {
	for _, d := range r.dirs {
		f, err := os.Open(d)
		if err != nil {
			return err
		}
		err = unix.Syncfs(int(f.Fd()))
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}
