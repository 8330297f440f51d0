package monitor

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/vfs"
)

// realCred are the monitor's own credentials: those of guests where no module
// binds an identity.
func realCred() *cred.Cred {
	groups, _ := unix.Getgroups()
	list := make([]uint32, len(groups))
	for i, g := range groups {
		list[i] = uint32(g)
	}
	c := cred.User(uint32(unix.Getuid()), uint32(unix.Getgid()), list)
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if unix.Capget(&hdr, &data[0]) == nil {
		c.Effective = cred.CapSet(data[0].Effective) | cred.CapSet(data[1].Effective)<<32
		c.Permitted = cred.CapSet(data[0].Permitted) | cred.CapSet(data[1].Permitted)<<32
	}
	return c
}

// layerCaps are what the owner of a copy-on-write layer may do in it.
var layerCaps = cred.Caps(unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH, unix.CAP_FOWNER)

// permission are the credentials to check with: in a layer of the caller's own
// the permission to change what lies below is not asked for.
func (m *Monitor) permission(c *cred.Cred) *cred.Cred {
	if !m.view.OwnLayer || c.Effective&layerCaps == layerCaps {
		return c
	}
	if p, ok := m.raised.Load(c); ok {
		return p.(*cred.Cred)
	}
	p := c.Clone()
	p.Effective |= layerCaps
	m.raised.Store(c, p)
	return p
}

// privileged tells whether permission need not be checked at all.
func privileged(c *cred.Cred) bool {
	return c.Capable(unix.CAP_DAC_OVERRIDE) && c.Capable(unix.CAP_FOWNER)
}

// mayCreate checks that names in the directory of w may be made.
func (c *call) mayCreate(w *vfs.Where) error {
	if w.Rec.Flags&vfs.ReadOnly != 0 {
		return unix.EROFS
	}
	if w.Rec.Flags&vfs.Magic != 0 {
		return unix.ENOENT // procfs has no names but its own (proc_lookupfd)
	}
	who := c.cred()
	if who.Capable(unix.CAP_DAC_OVERRIDE) {
		return nil
	}
	dir, err := parent(w)
	if err != nil {
		return err
	}
	return who.MayCreate(&dir)
}

// mayDelete checks that the name w may go.
func (c *call) mayDelete(w *vfs.Where, victim *vfs.Attr, isdir bool) error {
	if w.Rec.Flags&vfs.Magic != 0 {
		return c.mayDeleteProc(w, victim, isdir)
	}
	if privileged(c.cred()) {
		switch {
		case isdir && !victim.IsDir():
			return unix.ENOTDIR
		case !isdir && victim.IsDir():
			return unix.EISDIR
		}
		return nil
	}
	dir, err := parent(w)
	if err != nil {
		return err
	}
	return c.cred().MayDelete(&dir, victim, isdir)
}

// hardlinksProtected is fs.protected_hardlinks (proc_sys_fs(5)).
var hardlinksProtected = sync.OnceValue(func() bool {
	b, err := os.ReadFile("/proc/sys/fs/protected_hardlinks")
	return err == nil && len(b) > 0 && b[0] == '1'
})
