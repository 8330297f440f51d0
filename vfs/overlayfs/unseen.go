package overlayfs

import (
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/veduta/veduta/vfs"
)

// unseen is the list of lower directories that could not be looked into, and
// the file that keeps it: host paths, each ended by a NUL.
type unseen struct {
	mu   sync.Mutex
	seen []string
	file *os.File
}

func openUnseen(name string) (*unseen, error) {
	u := &unseen{}
	data, err := os.ReadFile(name)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	for _, p := range strings.Split(string(data), "\x00") {
		if p != "" {
			u.seen = append(u.seen, p)
		}
	}
	u.file, err = os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	return u, err
}

func (u *unseen) add(dir string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if slices.Contains(u.seen, dir) {
		return
	}
	u.seen = append(u.seen, dir)
	u.file.WriteString(dir + "\x00")
}

func (u *unseen) list() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.seen)
}

func (u *unseen) close() error {
	if u == nil {
		return nil
	}
	return u.file.Close()
}

// unseenDir is the directory on the way to host that refuses us: the deepest
// that can still be asked about.
func (f *FS) unseenDir(host string) string {
	for dir := path.Dir(host); ; dir = path.Dir(dir) {
		if _, err := vfs.HostLstat(dir); err == nil || dir == "/" {
			return dir
		}
	}
}
