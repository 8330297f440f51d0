package overlayfs

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

// orphans are lower files that no name of the view leads to any more and that a
// guest has changed through a descriptor. The changes end with the descriptors
// natively, so they are nowhere but in memory.
type orphans struct {
	mu sync.RWMutex // taken last
	m  map[fileID]*orphan
}

// orphan is what has been made of such a file.
type orphan struct {
	set    vfs.SetAttr
	ctime  unix.StatxTimestamp
	xattrs map[string][]byte // nil: removed
	whole  bool              // xattrs are all that it has
}

const aclAccess = "system.posix_acl_access"

// orphaned tells that the file behind a magic link is a lower one, so that a
// change of it must stay in memory; raw are its own attributes.
func (f *FS) orphaned(proc string) (raw vfs.Attr, is bool, err error) {
	host, err := readMagic(proc)
	if err != nil {
		return raw, false, err
	}
	if raw, err = vfs.HostStatAt(unix.AT_FDCWD, proc, 0); err != nil {
		return raw, false, err
	}
	host = strings.TrimSuffix(host, " (deleted)")
	memfd := strings.HasPrefix(host, "/memfd:") && raw.Nlink == 0
	return raw, !memfd && !under(host, f.o.Upper) && !under(host, f.o.Work), nil
}

// stands is the path of the file that has come to stand for a lower one, and has
// been moved since.
func (f *FS) stands(raw *vfs.Attr) (path string, ok bool) {
	o, ok := f.origins.raisedFrom(idOf(raw))
	if !ok || raw.IsDir() {
		return "", false
	}
	_, ok = f.successor(o)
	return string(o.Path), ok
}

// SetAttrFD implements vfs.FileSystem.
func (f *FS) SetAttrFD(proc string, s vfs.SetAttr) error {
	raw, orphaned, err := f.orphaned(proc)
	if p, ok := f.stands(&raw); ok && orphaned {
		return f.SetAttr(p, s)
	}
	switch {
	case err != nil:
		return err
	case !orphaned:
		return f.o.Owners.SetAttr(proc, s)
	case s.Valid&vfs.SetSize != 0:
		return unix.EROFS // the data are the lower layer's
	}
	f.orphans.change(idOf(&raw), func(o *orphan) { o.take(&s) })
	return nil
}

// change alters what has been made of a file.
func (x *orphans) change(id fileID, how func(*orphan)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.m == nil {
		x.m = map[fileID]*orphan{}
	}
	o := x.m[id]
	if o == nil {
		o = &orphan{xattrs: map[string][]byte{}}
		x.m[id] = o
	}
	o.ctime = stampOf(unix.NsecToTimespec(time.Now().UnixNano()))
	how(o)
}

// bereave keeps what a copied-up file showed when its last name goes: a
// descriptor of the lower file, opened before the copy-up, goes on to show it.
func (f *FS) bereave(r *found) {
	o, ok := f.origins.of(&r.raw)
	if !ok || r.layer != inUpper || f.orphans.many() {
		return
	}
	a, err := f.attr(r)
	if err != nil || a.Nlink > 1 {
		return
	}
	low := fileID{o.LowerDev, o.LowerIno}
	f.orphans.inherit(low, &a)
	f.inheritXattrs(low, r.host)
}

// inheritXattrs makes a lower file show the attributes of an upper one.
func (f *FS) inheritXattrs(low fileID, host string) {
	names, err := f.o.Owners.Listxattr(host)
	if err != nil {
		return
	}
	all := map[string][]byte{}
	for _, n := range names {
		if v, err := f.o.Owners.Getxattr(host, n); err == nil {
			all[n] = append([]byte{}, v...)
		}
	}
	f.orphans.change(low, func(o *orphan) { o.xattrs, o.whole = all, true })
}

// bereaveDir is bereave for a directory that lies over lower ones.
func (f *FS) bereaveDir(k *node, a *vfs.Attr) {
	if !k.pure() && !f.orphans.many() {
		f.orphans.inherit(k.low, a)
	}
}

// inherit makes a lower file show attributes.
func (x *orphans) inherit(id fileID, a *vfs.Attr) {
	x.change(id, func(o *orphan) {
		o.take(&vfs.SetAttr{
			Valid: vfs.SetMode | vfs.SetUID | vfs.SetGID | vfs.SetTimes, Mode: a.Perm(), UID: a.Uid, GID: a.Gid,
			Atime: timespec(a.Atime), Mtime: timespec(a.Mtime),
		})
	})
}

// many: what is kept in memory of removed files has a bound.
func (x *orphans) many() bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.m) >= mostRemoved
}

func (o *orphan) take(s *vfs.SetAttr) {
	if s.Valid&vfs.SetMode != 0 {
		o.set.Mode = s.Mode
	}
	if s.Valid&vfs.SetUID != 0 {
		o.set.UID = s.UID
	}
	if s.Valid&vfs.SetGID != 0 {
		o.set.GID = s.GID
	}
	if s.Valid&vfs.SetTimes != 0 {
		if o.set.Valid&vfs.SetTimes == 0 {
			o.set.Atime.Nsec, o.set.Mtime.Nsec = unix.UTIME_OMIT, unix.UTIME_OMIT
		}
		takeTime(&o.set.Atime, s.Atime)
		takeTime(&o.set.Mtime, s.Mtime)
	}
	o.set.Valid |= s.Valid
}

func takeTime(t *unix.Timespec, to unix.Timespec) {
	switch to.Nsec {
	case unix.UTIME_OMIT:
	case unix.UTIME_NOW:
		*t = unix.NsecToTimespec(time.Now().UnixNano())
	default:
		*t = to
	}
}

func stampOf(t unix.Timespec) unix.StatxTimestamp {
	return unix.StatxTimestamp{Sec: t.Sec, Nsec: uint32(t.Nsec)}
}

// apply makes attributes those of an orphan.
func (x *orphans) apply(id fileID, a *vfs.Attr) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	o := x.m[id]
	if o == nil {
		return
	}
	if o.set.Valid&vfs.SetMode != 0 {
		a.SetPerm(o.set.Mode)
	}
	if o.set.Valid&vfs.SetUID != 0 {
		a.Uid = o.set.UID
	}
	if o.set.Valid&vfs.SetGID != 0 {
		a.Gid = o.set.GID
	}
	if o.set.Valid&vfs.SetTimes != 0 {
		if o.set.Atime.Nsec != unix.UTIME_OMIT {
			a.Atime = stampOf(o.set.Atime)
		}
		if o.set.Mtime.Nsec != unix.UTIME_OMIT {
			a.Mtime = stampOf(o.set.Mtime)
		}
	}
	a.Ctime = o.ctime
}

// xattr is an attribute of an orphan; known: it is not the lower file's.
func (x *orphans) xattr(id fileID, name string) (v []byte, known bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if o := x.m[id]; o != nil {
		v, known = o.xattrs[name]
		known = known || o.whole
	}
	return v, known
}

// names are the attributes of an orphan that bears host's of its own.
func (x *orphans) names(id fileID, host []string) []string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	o := x.m[id]
	if o == nil {
		return host
	}
	host = slices.DeleteFunc(host, func(n string) bool {
		_, known := o.xattrs[n]
		return known || o.whole
	})
	for _, n := range slices.Sorted(maps.Keys(o.xattrs)) {
		if o.xattrs[n] != nil {
			host = append(host, n)
		}
	}
	return host
}

// GetxattrFD implements vfs.FileSystem.
func (f *FS) GetxattrFD(proc, name string) ([]byte, error) {
	raw, orphaned, err := f.orphaned(proc)
	if err != nil {
		return nil, err
	}
	if p, ok := f.stands(&raw); ok && orphaned {
		return f.Getxattr(p, name)
	}
	if v, known := f.orphans.xattr(idOf(&raw), name); orphaned && known {
		if v == nil {
			return nil, unix.ENODATA
		}
		return v, nil
	}
	return f.o.Owners.Getxattr(proc, name)
}

// SetxattrFD implements vfs.FileSystem.
func (f *FS) SetxattrFD(proc, name string, value []byte, flags int) error {
	raw, orphaned, err := f.orphaned(proc)
	if err != nil {
		return err
	}
	if !orphaned {
		return f.o.Owners.Setxattr(proc, name, value, flags)
	}
	if p, ok := f.stands(&raw); ok {
		return f.Setxattr(p, name, value, flags)
	}
	if name == aclAccess {
		return f.setOrphanACL(proc, &raw, value)
	}
	switch _, err := f.GetxattrFD(proc, name); {
	case !owner.BearsXattr(uint32(raw.Mode), name):
		return unix.EPERM
	case err == nil && flags&unix.XATTR_CREATE != 0:
		return unix.EEXIST
	case err != nil && err != unix.ENODATA && err != unix.EACCES:
		return err
	case err != nil && flags&unix.XATTR_REPLACE != 0:
		return unix.ENODATA
	}
	f.orphans.change(idOf(&raw), func(o *orphan) { o.xattrs[name] = append([]byte{}, value...) })
	return nil
}

// setOrphanACL keeps an access ACL, and the mode that it makes.
func (f *FS) setOrphanACL(proc string, raw *vfs.Attr, acl []byte) error {
	if len(acl) == 0 {
		f.orphans.change(idOf(raw), func(o *orphan) { o.xattrs[aclAccess] = nil })
		return nil
	}
	perm, extended, err := owner.ACLMode(acl)
	if err != nil {
		return err
	}
	a := *raw
	if err := f.FixAttr(&a, proc); err != nil {
		return err
	}
	f.orphans.change(idOf(raw), func(o *orphan) {
		o.take(&vfs.SetAttr{Valid: vfs.SetMode, Mode: a.Perm()&^0o777 | perm})
		o.xattrs[aclAccess] = nil
		if extended {
			o.xattrs[aclAccess] = append([]byte{}, acl...)
		}
	})
	return nil
}

// ListxattrFD implements vfs.FileSystem.
func (f *FS) ListxattrFD(proc string) ([]string, error) {
	raw, orphaned, err := f.orphaned(proc)
	if p, ok := f.stands(&raw); ok && orphaned {
		return f.Listxattr(p)
	}
	names, lerr := f.o.Owners.Listxattr(proc)
	if lerr != nil {
		return nil, lerr
	}
	if err != nil || !orphaned {
		return names, err
	}
	return f.orphans.names(idOf(&raw), names), nil
}

// RemovexattrFD implements vfs.FileSystem.
func (f *FS) RemovexattrFD(proc, name string) error {
	raw, orphaned, err := f.orphaned(proc)
	if err != nil {
		return err
	}
	if !orphaned {
		return f.o.Owners.Removexattr(proc, name)
	}
	if p, ok := f.stands(&raw); ok {
		return f.Removexattr(p, name)
	}
	if _, err := f.GetxattrFD(proc, name); err != nil {
		if name == aclAccess {
			return nil
		}
		return err
	}
	f.orphans.change(idOf(&raw), func(o *orphan) { o.xattrs[name] = nil })
	return nil
}
