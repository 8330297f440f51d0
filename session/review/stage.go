package review

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// stage builds the new file of a change at a slot, a directory with all that is
// added in it.
func (p *plan) stage(c *Change, slot string) error {
	if done, err := p.stageLink(c, slot); done || err != nil {
		return err
	}
	switch c.Type {
	case typeDir:
		return p.stageDir(c, slot)
	case "file":
		return p.stageFile(c, slot)
	case "link":
		if err := hostpath.Symlink(string(c.Target), slot); err != nil {
			return err
		}
	default:
		if err := hostpath.Mknod(slot, c.n.attr.Kind()|0o600, int(c.Rdev)); err != nil {
			return fmt.Errorf("mknod: %w", err)
		}
	}
	return p.fresh(c).applyPath(slot)
}

func (p *plan) stageDir(c *Change, slot string) error {
	if err := hostpath.Mkdir(slot, 0o700); err != nil {
		return err
	}
	for _, k := range p.kids[c] {
		p.tell(string(k.Path))
		if err := p.stage(k, filepath.Join(slot, path.Base(string(k.Path)))); err != nil {
			return fmt.Errorf("%s: %w", quote(k.Path), err)
		}
	}
	a := p.fresh(c)
	if !p.who.root && p.relaxed(c) != c.Mode && !p.inside(c) {
		mode := p.relaxed(c)
		a.Mode = &mode
	}
	return a.applyPath(slot)
}

// relaxed is the mode with which the caller can move a directory of its own.
func (p *plan) relaxed(c *Change) uint32 { return c.Mode | 0o700 }

// shutStaged gives a new directory that had to be moved its own mode.
func (p *plan) shutStaged(c *Change, id *identity) error {
	if !c.isDir() || p.who.root || p.relaxed(c) == c.Mode {
		return nil
	}
	was := p.relaxed(c)
	p.finish = append(p.finish, &step{Op: attr, Path: c.Path, Old: id, Want: &attrs{Mode: &c.Mode}, Was: &attrs{Mode: &was}})
	return nil
}

func (p *plan) stageFile(c *Change, slot string) error {
	if p.sharable(c) {
		err := hostpath.Link(c.n.upper, slot)
		if err == nil {
			p.share(c)
			return nil
		}
		if err != unix.EXDEV && err != unix.EPERM && err != unix.EMLINK {
			return err
		}
	}
	data := c.n.upper
	if c.n.metacopy {
		data = c.base
	}
	if err := copyFile(slot, data); err != nil {
		return err
	}
	return p.fresh(c).applyPath(slot)
}

// share notes that the upper layer's own file is brought over.
func (p *plan) share(c *Change) {
	p.lent[c.n.id] = true
	p.shared[c.n] = shared{Path: c.Path, Upper: session.Path(c.n.upper), ID: c.n.id}
}

// sharable tells whether the upper layer's own file is just what is wanted, so
// that another link of it saves the copy.
func (p *plan) sharable(c *Change) bool {
	n := c.n
	if int(n.raw.Nlink) != max(1, len(c.group)) {
		return false
	}
	if n.metacopy || !p.whole && n.covered() || n.raw.Uid != c.UID || n.raw.Gid != c.GID || n.raw.Perm() != c.Mode {
		return false
	}
	names, err := listxattr(n.upper)
	for _, name := range names {
		if strings.HasPrefix(name, "user.overlay.") || strings.HasPrefix(name, "user.veduta.") || name == "user.rootlesscontainers" {
			return false
		}
	}
	return err == nil
}

// stageLink makes a new name of a file that another name has brought or kept.
func (p *plan) stageLink(c *Change, slot string) (bool, error) {
	if len(c.group) < 2 && c.alias == nil {
		return false, nil
	}
	from, ok := p.staged[c.n.id]
	if !ok && c.alias != nil {
		from = c.alias.base
	} else if !ok {
		from = p.standing(c)
	}
	if from != "" {
		err := hostpath.Link(from, slot)
		if err == nil {
			if p.lent[c.n.id] {
				p.share(c)
			}
			if c.alias != nil && !ok {
				p.adopted = append(p.adopted, c.alias)
				p.staged[c.n.id] = slot
			}
			return true, nil
		}
		if !errors.Is(err, unix.EXDEV) {
			return false, err
		}
	}
	p.staged[c.n.id] = slot
	return false, nil
}

// standing is a real file that is one with the change's in the view and stays
// where it is.
func (p *plan) standing(c *Change) string {
	for _, l := range c.group {
		if l.base == "" || l.c == c || l.c.LinkChange {
			continue
		}
		if !l.c.differs() || p.in[l.c] && p.how(l.c) == inPlace {
			return l.base
		}
	}
	return ""
}

// fresh are the attributes of a new file.
func (p *plan) fresh(c *Change) *attrs {
	atime, mtime, mode := nanos(c.n.attr.Atime), nanos(c.n.attr.Mtime), c.Mode
	a := &attrs{Atime: &atime, Mtime: &mtime}
	given := p.who.can(ids{c.UID, c.GID})
	if given {
		a.UID, a.GID = &c.UID, &c.GID
	}
	if c.Type == "link" {
		return a
	}
	if !given && !c.isDir() {
		mode &^= unix.S_ISUID | unix.S_ISGID // of whom it was not meant for
	}
	a.Mode = &mode
	for name, v := range p.reader().attributes(c.n.upper) {
		if p.who.noOwner && !p.who.root && !strings.HasPrefix(name, "user.") && !strings.HasPrefix(name, "system.") {
			continue
		}
		if a.Xattr == nil {
			a.Xattr = map[string][]byte{}
		}
		a.Xattr[name] = v
	}
	return a
}

func listxattr(path string) ([]string, error) {
	buf := make([]byte, 64<<10)
	n, err := hostpath.Llistxattr(path, buf)
	if err == unix.EOPNOTSUPP {
		return nil, nil
	}
	if err != nil || n == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(buf[:n]), "\x00"), "\x00"), nil
}

// note writes a finished plan into a journal.
func (p *plan) note(j *journal) {
	j.Steps = p.steps()
	for _, sh := range p.shared {
		j.Shared = append(j.Shared, sh)
	}
}

func (p *plan) reader() reader { return reader{p.owners} }

// exists tells whether there is anything at a path.
func exists(path string) bool {
	_, err := vfs.HostLstat(path)
	return err == nil
}
