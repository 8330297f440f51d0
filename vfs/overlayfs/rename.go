package overlayfs

import (
	"golang.org/x/sys/unix"
)

// Rename implements vfs.FileSystem. RENAME_WHITEOUT is refused, as the kernel's
// overlay does.
func (f *FS) Rename(oldpath, newpath string, flags uint) error {
	if err := checkRename(oldpath, newpath, flags); err != nil {
		return err
	}
	for {
		var raise string
		err := f.change(func() error {
			m := move{FS: f, exchange: flags&unix.RENAME_EXCHANGE != 0}
			if err := m.find(oldpath, newpath, flags); err != nil {
				return err
			}
			if m.nothing() {
				return nil
			}
			if raise = m.toRaise(); raise != "" {
				return nil
			}
			return m.run()
		})
		if err != nil || raise == "" {
			return err
		}
		if err := f.copyUp(raise, false); err != nil {
			return err
		}
	}
}

func checkRename(oldpath, newpath string, flags uint) error {
	const known = unix.RENAME_NOREPLACE | unix.RENAME_EXCHANGE
	switch {
	case flags&^known != 0, flags&known == known:
		return unix.EINVAL
	case oldpath == "/" || newpath == "/":
		return unix.EBUSY
	}
	return nil
}
