package review

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/overlayfs"
	"golang.org/x/sys/unix"
)

// history is what the session's logs tell of the time when it ran.
type history struct {
	byID   map[identity]*overlayfs.Origin // by the upper file
	byPath map[string]*overlayfs.Origin   // by the path in the view; the last counts
	unseen map[string]bool                // real directories that could not be read
}

func readHistory(s *session.Session) (*history, error) {
	list, err := overlayfs.ReadOrigins(s.Origins())
	if err != nil {
		return nil, err
	}
	h := &history{map[identity]*overlayfs.Origin{}, map[string]*overlayfs.Origin{}, map[string]bool{}}
	for i := range list {
		o := &list[i]
		h.byPath[path.Clean(string(o.Path))] = o
		if o.Ino != 0 {
			h.byID[identity{o.Dev, o.Ino, o.Btime}] = o
		}
	}
	data, err := os.ReadFile(s.Unseen())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, p := range strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00") {
		h.unseen[path.Clean(p)] = true
	}
	return h, nil
}

// real is the real path of a path in the view.
func (l *layer) real(o *overlayfs.Origin) string {
	p := path.Clean(string(o.Path))
	if !within(p, l.mount) {
		return ""
	}
	return path.Join(l.lower, strings.TrimPrefix(p, l.mount))
}

// viewed is the path in the view of a real path below the layer.
func (l *layer) viewed(real string) string {
	return path.Join(l.mount, strings.TrimPrefix(real, l.lower))
}

// of is what was noted of a real file at base, which the path p stands for in the
// view and, if there is one, the upper file id; nil if nothing was. In a renamed
// directory the log has p, but p may also have been another file's before.
func (h *history) of(l *layer, p, base string, low *vfs.Attr, id identity) *overlayfs.Origin {
	atBase := h.byPath[l.viewed(base)]
	for _, o := range []*overlayfs.Origin{atBase, h.byPath[l.viewed(p)], h.byID[id]} {
		if o != nil && o.LowerIno == low.Ino {
			return o
		}
	}
	return atBase
}

// lost is what was noted of a file that was copied up at the very path p, where
// nothing is now.
func (h *history) lost(l *layer, p string, id identity) *overlayfs.Origin {
	if o := h.byID[id]; o != nil && l.real(o) == p {
		return o
	}
	return nil
}

// same tells whether a real file is still what was noted. The device is left
// out, as it may get another number with each boot.
func same(o *overlayfs.Origin, a *vfs.Attr) bool {
	if o.LowerBtime != 0 && a.Mask&unix.STATX_BTIME != 0 && o.LowerBtime != nanos(a.Btime) {
		return false
	}
	if o.LowerIno != a.Ino || o.LowerMode != 0 && o.LowerMode&^0o7777 != a.Kind() {
		return false
	}
	// What is in a directory is looked at by itself.
	if a.IsDir() {
		return true
	}
	return o.LowerCtime == nanos(a.Ctime) && o.LowerMtime == nanos(a.Mtime) && o.LowerSize == int64(a.Size)
}

// see prepares for log the files of changes that are as the session saw them.
func (h *history) see(changes []*Change) []seen {
	var list []seen
	for _, c := range changes {
		if c.base == "" || c.Kind == Deleted && c.isDir() || c.Kind != Deleted && c.n.attr.IsDir() && c.OldType == "" || c.conflict(h) != "" {
			continue
		}
		s := seen{Real: session.Path(c.base), Line: overlayfs.Origin{Path: session.Path(c.layer.viewed(c.base))}}
		if c.origin != nil {
			s.Line = *c.origin
		}
		list = append(list, s)
	}
	return list
}

// log writes down what files that were seen are now.
func log(s *session.Session, list []seen) error {
	var lines []overlayfs.Origin
	for _, f := range list {
		a, err := vfs.HostLstat(string(f.Real))
		if err != nil {
			continue
		}
		o := f.Line
		o.LowerDev, o.LowerIno, o.LowerCtime, o.LowerMtime = a.Dev(), a.Ino, nanos(a.Ctime), nanos(a.Mtime)
		o.LowerSize, o.LowerMode = int64(a.Size), uint32(a.Mode)
		if a.Mask&unix.STATX_BTIME != 0 {
			o.LowerBtime = nanos(a.Btime)
		}
		lines = append(lines, o)
	}
	return overlayfs.AppendOrigins(s.Origins(), lines)
}
