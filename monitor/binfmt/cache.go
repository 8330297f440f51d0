package binfmt

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// Cache remembers headers by file and change.
type Cache struct {
	mu  sync.Mutex // guards all
	all map[cacheKey]Header
}

type cacheKey struct {
	dev, ino, size uint64
	mtime, ctime   unix.StatxTimestamp
}

const mostHeaders = 4096

// Read gives the header of a host file of these attributes.
func (k *Cache) Read(host string, a *vfs.Attr) Header {
	key := cacheKey{a.Dev(), a.Ino, a.Size, a.Mtime, a.Ctime}
	k.mu.Lock()
	h, ok := k.all[key]
	k.mu.Unlock()
	if ok {
		return h
	}
	h, ok = Read(host)
	if !ok {
		return h
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil || len(k.all) >= mostHeaders {
		k.all = map[cacheKey]Header{}
	}
	k.all[key] = h
	return h
}
