package review

import (
	"fmt"
	"strings"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Conflict is a path whose real file is no longer what the session saw.
type Conflict struct {
	Path session.Path `json:"path"`
	Why  string       `json:"why"`
}

// ConflictError refuses a commit or undo; nothing has been touched.
type ConflictError struct {
	Doing     string // commit or undo
	Conflicts []Conflict
}

func (e *ConflictError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d paths changed outside the session", e.Doing, len(e.Conflicts))
	for i, c := range e.Conflicts {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s%s (%s)", sep, quote(c.Path), c.Why)
	}
	b.WriteString("; look at them, or --force")
	return b.String()
}

// Conflicts tells which changes are to files that are no longer what the
// session saw.
func Conflicts(s *session.Session, changes []*Change) ([]Conflict, error) {
	h, err := readHistory(s)
	if err != nil {
		return nil, err
	}
	return h.conflicts(changes), nil
}

func (h *history) conflicts(changes []*Change) (list []Conflict) {
	for _, c := range changes {
		if why := c.conflict(h); why != "" {
			list = append(list, Conflict{c.Path, why})
		}
	}
	return list
}

func (c *Change) conflict(h *history) string {
	if c.base == "" {
		// Its origin was at this very path, and nothing is there now.
		if c.origin != nil && c.parent == nil {
			return "deleted"
		}
		return ""
	}
	low, err := vfs.HostLstat(c.base)
	if err != nil {
		return "gone"
	}
	if c.origin != nil {
		if same(c.origin, &low) {
			return ""
		}
		return "changed"
	}
	if c.n == nil || low.IsDir() && c.Kind != Deleted {
		return ""
	}
	if h.unseen[c.dir] {
		return "the session could not see it"
	}
	return c.younger(&low)
}

// younger is for files of which nothing was noted, as those in a directory that
// was deleted as a whole: what came after the layer's own file is in conflict.
func (c *Change) younger(low *vfs.Attr) string {
	since := c.n.raw.Btime
	if c.n.whiteout || c.n.raw.Mask&unix.STATX_BTIME == 0 {
		since = c.n.raw.Ctime
	}
	if c.Kind == Deleted && !c.n.whiteout {
		// An opaque directory, or a file in place of a directory.
		since = c.n.raw.Ctime
	}
	switch {
	case low.IsDir() && (low.Mask&unix.STATX_BTIME == 0 || nanos(low.Btime) <= nanos(since)):
		return ""
	case low.IsDir():
		return "new"
	case nanos(low.Ctime) > nanos(since):
		return "changed"
	}
	return ""
}
