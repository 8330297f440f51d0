package monitor

import (
	"sync"

	"github.com/veduta/veduta/vfs"
)

const (
	longList    = 1024    // entries from which a directory is not listed inline
	mostLengths = 1 << 14 // directories of which it is known
)

// lengths are how long merged directories were when they were listed last. The
// zero value is ready.
type lengths struct {
	mu  sync.Mutex // guards all
	all map[*vfs.Dir]int
}

// short tells whether a directory is known to be short.
func (l *lengths) short(d *vfs.Dir) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, ok := l.all[d]
	return ok && n < longList
}

func (l *lengths) note(d *vfs.Dir, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil || len(l.all) >= mostLengths {
		l.all = map[*vfs.Dir]int{}
	}
	l.all[d] = n
}
