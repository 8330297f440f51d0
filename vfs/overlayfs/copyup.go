package overlayfs

import (
	"errors"
	"fmt"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

// copyUp sees to it that the file at a path is in the upper layer. empty says
// that its data is about to be thrown away. mu must not be held.
func (f *FS) copyUp(path string, empty bool) error {
	for {
		var r found
		done := true
		err := f.change(func() error {
			var err error
			if r, err = f.find(path); err != nil {
				return err
			}
			done, err = f.raise(&r)
			return err
		})
		if err != nil || done {
			return err
		}
		wait, mine := f.claim(idOf(&r.raw))
		if !mine {
			<-wait
			continue
		}
		err = f.copyFile(&r, empty)
		f.release(idOf(&r.raw))
		if !errors.Is(err, errMoved) {
			return err
		}
	}
}

// errMoved: the name meant another file when the copy was ready.
var errMoved = errors.New("overlay: changed during copy-up")

// raise copies up what takes no time: directories, and names of files that are
// up already. done is false if there is data to copy.
func (f *FS) raise(r *found) (done bool, err error) {
	switch {
	case r.layer == inUpper:
		return true, nil
	case r.raw.IsDir():
		_, err := f.upperDir(r.path)
		return true, err
	case r.layer == inIndex:
		return true, f.linkIndex(r)
	}
	dir, _ := split(r.path)
	_, err = f.upperDir(dir)
	return false, err
}

func (f *FS) claim(id fileID) (wait chan struct{}, mine bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c, ok := f.copying[id]; ok {
		return c, false
	}
	f.copying[id] = make(chan struct{})
	return nil, true
}

func (f *FS) release(id fileID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.copying[id])
	delete(f.copying, id)
}

// copyFile copies a lower file that is no directory. The copy is made complete
// in the work directory and then moved to its name, which must be free.
func (f *FS) copyFile(r *found, empty bool) error {
	f.mu.Lock()
	tmp := f.scratch()
	f.mu.Unlock()
	defer hostpath.Unlink(tmp)
	want := r.raw
	if err := f.fixLowerIDs(&want, r.host); err != nil {
		return err
	}
	if err := f.duplicate(r, tmp, &want, empty); err != nil {
		return fmt.Errorf("copy-up of %s: %w", r.path, err)
	}
	return f.change(func() error { return f.install(r, tmp) })
}

// fixLowerIDs makes lower attributes those of the view, but for numbers.
func (f *FS) fixLowerIDs(a *vfs.Attr, host string) error {
	if f.fixLower {
		return f.o.Owners.Fix(a, host)
	}
	f.o.Owners.Map(a)
	return nil
}

// duplicate makes tmp a copy of a lower file: data first (writing takes
// security.capability away), then attributes, owner, mode and times.
func (f *FS) duplicate(r *found, tmp string, want *vfs.Attr, empty bool) error {
	inode := owner.InodeOf(want)
	switch r.raw.Kind() {
	case unix.S_IFLNK:
		target, err := readMagic(r.host)
		if err != nil {
			return err
		}
		if err := f.o.Owners.Symlink(target, tmp, inode.Owner); err != nil {
			return err
		}
	case unix.S_IFREG:
		if err := copyData(r.host, tmp, &r.raw, empty); err != nil {
			return err
		}
	default:
		if err := f.o.Owners.Mknod(tmp, inode); err != nil {
			return err
		}
	}
	if err := f.o.Owners.CopyXattrs(r.host, tmp); err != nil {
		return err
	}
	if err := f.o.Owners.SettlePath(tmp, inode); err != nil {
		return err
	}
	return setTimes(tmp, &r.raw)
}

// install moves a finished copy to its name.
func (f *FS) install(r *found, tmp string) error {
	now, err := f.find(r.path)
	if err != nil {
		return err
	}
	if now.layer != inLower || idOf(&now.raw) != idOf(&r.raw) {
		return errMoved
	}
	dir, base := split(r.path)
	n, err := f.upperDir(dir)
	if err != nil {
		return err
	}
	up, err := vfs.HostLstat(tmp)
	if err != nil {
		return err
	}
	o := f.originOf(r.path, &r.raw, r.host, &up)
	if r.raw.Nlink > 1 {
		if err := hostpath.Link(tmp, f.indexName(o)); err != nil && !errors.Is(err, unix.EEXIST) {
			return err
		}
	}
	if err := f.origins.add(o); err != nil {
		return err
	}
	keep := keepTimes(f.upper(dir))
	if err := moveNew(tmp, f.upper(r.path)); err != nil {
		return err
	}
	keep()
	n.covered[base] = struct{}{}
	if r.raw.Nlink > 1 {
		// Directories that hold its other names are no longer the kernel's.
		f.tell("/")
	}
	return f.markImpure(n)
}

// moveNew moves a file to a name that must be free. Some network file systems
// know no flags; there mu alone guards the name.
func moveNew(tmp, host string) error {
	err := hostpath.Renameat2(tmp, host, unix.RENAME_NOREPLACE)
	if err != unix.EINVAL {
		return err
	}
	if _, err := vfs.HostLstat(host); err == nil {
		return unix.EEXIST
	}
	return hostpath.Rename(tmp, host)
}

// keepTimes notes the times of an upper directory; what it returns puts them
// back: a copy-up is no change of the directory.
func keepTimes(host string) func() {
	a, err := vfs.HostLstat(host)
	if err != nil {
		return func() {}
	}
	return func() { setTimes(host, &a) }
}

func setTimes(host string, a *vfs.Attr) error {
	times := []unix.Timespec{timespec(a.Atime), timespec(a.Mtime)}
	return hostpath.UtimesNanoAt(host, times, unix.AT_SYMLINK_NOFOLLOW)
}

func timespec(t unix.StatxTimestamp) unix.Timespec {
	return unix.NsecToTimespec(nanos(t))
}
