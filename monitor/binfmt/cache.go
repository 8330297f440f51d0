package binfmt

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// Cache remembers what was read of files, by file and change.
type Cache[T any] struct {
	mu  sync.Mutex // guards all
	all map[cacheKey]T
}

type cacheKey struct {
	dev, ino, size uint64
	mtime, ctime   unix.StatxTimestamp
}

const mostFiles = 4096

// Of gives what read says of a host file of these attributes; with ok false that
// is not remembered.
func (k *Cache[T]) Of(host string, a *vfs.Attr, read func(host string) (what T, ok bool)) T {
	key := cacheKey{a.Dev(), a.Ino, a.Size, a.Mtime, a.Ctime}
	k.mu.Lock()
	what, ok := k.all[key]
	k.mu.Unlock()
	if ok {
		return what
	}
	what, ok = read(host)
	if !ok {
		return what
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil || len(k.all) >= mostFiles {
		k.all = map[cacheKey]T{}
	}
	k.all[key] = what
	return what
}
