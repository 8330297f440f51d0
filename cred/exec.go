package cred

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// FileID is what execve(2) looks at in the file that becomes the program (for a
// script its interpreter; set-id bits of scripts count for nothing).
type FileID struct {
	Mode, UID, GID uint32
	// Caps is the security.capability xattr, nil if there is none.
	Caps *VFSCaps
	// NoSuid: the mount is nosuid.
	NoSuid bool
	// Unsafe is about the caller, not the file: it is traced by a tracer
	// without CAP_SYS_PTRACE, or shares its struct fs (CLONE_FS) with another
	// process.
	Unsafe bool
	// Unreadable: the caller may not read the file, or the script that led
	// to it, so the process must not be readable through ptrace either.
	Unreadable bool
}

// Exec gives the credentials after an exec of file by c, which is not changed.
// secure is AT_SECURE of the auxiliary vector. EPERM if the file's
// capabilities are for a program that does not know of them and cannot all be
// given.
func (c *Cred) Exec(file FileID) (after *Cred, secure bool, errno unix.Errno) {
	n := c.Clone()
	n.setIDBits(file)
	fileCaps := file.Caps
	if file.NoSuid || fileCaps != nil && fileCaps.RootID != 0 {
		fileCaps = nil
	}
	if errno = n.fileCaps(fileCaps); errno != 0 {
		return nil, false, errno
	}
	effective := fileCaps != nil && fileCaps.Effective
	if n.rootCaps(c, fileCaps != nil) {
		effective = true
	}
	changed := n.EUID != c.EUID || !c.InGroup(n.EGID)
	if (changed || !n.Permitted.SubsetOf(c.Permitted)) && (c.NoNewPrivs || file.Unsafe) {
		n.downgrade(c)
	}
	n.SUID, n.FSUID = n.EUID, n.EUID
	n.SGID, n.FSGID = n.EGID, n.EGID
	if fileCaps != nil || changed {
		n.Ambient = 0
	}
	n.Permitted |= n.Ambient
	n.Effective = n.Ambient
	if effective {
		n.Effective = n.Permitted
	}
	n.Securebits &^= SECBIT_KEEP_CAPS
	n.Dumpable = execDumpable(c, file)
	n.commit(c)
	secure = changed || n.EUID != c.UID || n.EGID != c.GID ||
		n.UID != 0 && (effective || !n.Permitted.SubsetOf(n.Ambient))
	return n, secure, 0
}

// setIDBits takes the ids of a set-id file. S_ISGID without group execution
// is mandatory locking of old, not set-group-id (bprm_fill_uid in fs/exec.c).
func (c *Cred) setIDBits(file FileID) {
	if file.NoSuid || c.NoNewPrivs {
		return
	}
	if file.Mode&unix.S_ISUID != 0 {
		c.EUID = file.UID
	}
	if file.Mode&sgidExec == sgidExec {
		c.EGID = file.GID
	}
}

// fileCaps computes the permitted set from the file's capabilities, before
// ambient ones are added (bprm_caps_from_vfs_caps).
func (c *Cred) fileCaps(v *VFSCaps) unix.Errno {
	if v == nil {
		c.Permitted = 0
		return 0
	}
	c.Permitted = c.Bounding&v.Permitted | c.Inheritable&v.Inheritable
	if v.Effective && !v.Permitted.SubsetOf(c.Permitted) {
		return unix.EPERM
	}
	return 0
}

// rootCaps gives root its capabilities and tells whether they take effect
// (handle_privileged_root). A set-user-id-root file with capabilities of its
// own gets just those, unless root itself runs it.
func (c *Cred) rootCaps(old *Cred, hasFileCaps bool) bool {
	if c.secure(SECBIT_NOROOT) || hasFileCaps && c.UID != 0 && c.EUID == 0 {
		return false
	}
	if c.UID == 0 || c.EUID == 0 {
		c.Permitted = old.Bounding | old.Inheritable
	}
	return c.EUID == 0
}

// downgrade leaves an exec that must not gain no more than old had.
func (c *Cred) downgrade(old *Cred) {
	if !old.Capable(unix.CAP_SETUID) || old.NoNewPrivs {
		c.EUID, c.EGID = c.UID, c.GID
	}
	c.Permitted &= old.Permitted
}

// execDumpable is what begin_new_exec decides from the ids before the exec;
// commit then looks at the change.
func execDumpable(old *Cred, file FileID) int {
	var a vfs.Attr
	a.Mode, a.Uid, a.Gid = uint16(file.Mode), file.UID, file.GID
	if file.Unreadable || old.EUID != old.UID || old.EGID != old.GID || old.May(&a, unix.R_OK) != nil {
		return suidDumpable
	}
	return 1
}
