package overlayfs

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// links are the names that a lower file with several had, and those of them
// that the upper layer has taken over.
type links struct {
	upper   *Origin // nil: none copied up yet
	count   uint32
	covered map[string]struct{}
}

// origins is the log and what it says in memory.
type origins struct {
	mu         sync.RWMutex
	byUpper    map[fileID]*Origin
	byLower    map[fileID]*links  // files with several names only
	raised     map[fileID]*Origin // lower files that were copied up or removed
	redirected bool               // some directory was renamed
	shown      atomic.Bool        // some file shows other numbers than the host's
	file       *os.File
}

func openOrigins(path string) (*origins, error) {
	list, err := ReadOrigins(path)
	if err != nil {
		return nil, err
	}
	g := &origins{byUpper: map[fileID]*Origin{}, byLower: map[fileID]*links{}, raised: map[fileID]*Origin{}}
	for i := range list {
		g.enter(&list[i])
	}
	g.file, err = openLog(path)
	return g, err
}

func (g *origins) enter(o *Origin) {
	g.redirected = g.redirected || o.Redirect
	if o.Ino != 0 {
		g.byUpper[fileID{o.Dev, o.Ino}] = o
	}
	if o.LowerMode&unix.S_IFMT == unix.S_IFDIR {
		return
	}
	g.shown.Store(true)
	if low := (fileID{o.LowerDev, o.LowerIno}); o.Ino != 0 || g.raised[low] == nil {
		g.raised[low] = o
	}
	if o.LowerNlink < 2 {
		return
	}
	low := fileID{o.LowerDev, o.LowerIno}
	l := g.byLower[low]
	if l == nil {
		l = &links{count: o.LowerNlink, covered: map[string]struct{}{}}
		g.byLower[low] = l
	}
	if o.Ino != 0 {
		l.upper = o
	}
	l.covered[string(o.LowerPath)] = struct{}{}
}

// add appends a line and puts it in force.
func (g *origins) add(o *Origin) error {
	line, err := json.Marshal(o)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := g.file.Write(append(line, '\n')); err != nil {
		return err
	}
	g.enter(o)
	return nil
}

// of is the origin of an upper file; the birth time tells a new file with the
// number of an old one.
func (g *origins) of(a *vfs.Attr) (*Origin, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	o, ok := g.byUpper[idOf(a)]
	if !ok || o.Btime != nanos(a.Btime) {
		return nil, false
	}
	return o, true
}

// copied is the upper file that stands for a lower one of several names.
func (g *origins) copied(low *vfs.Attr) (*Origin, bool) {
	if low.Nlink < 2 || low.IsDir() {
		return nil, false
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	l := g.byLower[idOf(low)]
	if l == nil || l.upper == nil || l.upper.LowerBtime != nanos(low.Btime) {
		return nil, false
	}
	return l.upper, true
}

// hidden is how many names of a lower file with several are taken over.
func (g *origins) hidden(low fileID) (covered, count uint32) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if l := g.byLower[low]; l != nil {
		return uint32(len(l.covered)), l.count
	}
	return 0, 0
}

// scattered are lower files that were copied up, or have lost a name, and have
// names that the upper layer does not cover.
func (g *origins) scattered() map[uint64]bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	var out map[uint64]bool
	for id, l := range g.byLower {
		if uint32(len(l.covered)) < l.count {
			if out == nil {
				out = map[uint64]bool{}
			}
			out[id.ino] = true
		}
	}
	return out
}

func (g *origins) close() error {
	if g == nil {
		return nil
	}
	return g.file.Close()
}

func nanos(t unix.StatxTimestamp) int64 { return t.Sec*1e9 + int64(t.Nsec) }

// originOf describes a lower file; up is the upper file it was copied to, nil
// for a deletion.
func (f *FS) originOf(path string, low *vfs.Attr, host string, up *vfs.Attr) *Origin {
	if path == "/" && f.o.Mount != "" {
		path = ""
	}
	o := &Origin{
		Path:     Path(f.o.Mount + path),
		LowerDev: low.Dev(), LowerIno: low.Ino,
		LowerCtime: nanos(low.Ctime), LowerMtime: nanos(low.Mtime),
		LowerSize: int64(low.Size), LowerMode: uint32(low.Mode), LowerBtime: nanos(low.Btime),
	}
	if low.Nlink > 1 && !low.IsDir() {
		o.LowerNlink, o.LowerPath = low.Nlink, Path(host)
	}
	if up != nil {
		o.Dev, o.Ino, o.Btime = up.Dev(), up.Ino, nanos(up.Btime)
	}
	return o
}

// has tells whether an upper inode may have an origin.
func (g *origins) has(id fileID) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	_, ok := g.byUpper[id]
	return ok
}

// raisedFrom is what became of a lower file that is no directory.
func (g *origins) raisedFrom(low fileID) (*Origin, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	o, ok := g.raised[low]
	return o, ok
}

// moved notes the path that an upper file has now.
func (g *origins) moved(raw *vfs.Attr, path string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if o := g.byUpper[idOf(raw)]; o != nil && o.LowerMode&unix.S_IFMT != unix.S_IFDIR {
		now := *o
		now.Path = Path(path)
		g.raised[fileID{o.LowerDev, o.LowerIno}] = &now
	}
}

// relocated notes the paths that upper files have after a directory was moved,
// or two names were exchanged.
func (g *origins) relocated(from, to string, exchanged bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, o := range g.raised {
		p, ok := rebased(string(o.Path), from, to)
		if !ok && exchanged {
			p, ok = rebased(string(o.Path), to, from)
		}
		if ok && o.Ino != 0 {
			now := *o
			now.Path = Path(p)
			g.raised[id] = &now
		}
	}
}

// rebased is a path at or below from as one at or below to.
func rebased(path, from, to string) (string, bool) {
	rest, ok := strings.CutPrefix(path, from)
	if !ok || rest != "" && rest[0] != '/' {
		return "", false
	}
	return to + rest, true
}
