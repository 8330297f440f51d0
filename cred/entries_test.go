package cred_test

import (
	"fmt"
	"math/rand"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/vfs"
)

// The checks about names in directories.

func checkUnlink(r *rand.Rand, s *scene) check {
	isdir := r.Intn(2) == 0
	return check{
		name: fmt.Sprint("unlink isdir=", isdir),
		kernel: func() unix.Errno {
			return rawPath(unix.SYS_UNLINKAT, unix.AT_FDCWD, s.fPath, uintptr(b2i(isdir)*unix.AT_REMOVEDIR))
		},
		model: func(c *cred.Cred) error {
			return first(c.May(&s.a, search), c.MayDelete(&s.a, &s.f, isdir))
		},
	}
}

func checkLink(r *rand.Rand, s *scene) check {
	return check{
		name: "link",
		kernel: func() unix.Errno {
			return rawPath2(unix.SYS_LINKAT, unix.AT_FDCWD, s.fPath, unix.AT_FDCWD, s.bDir+"/new", 0)
		},
		model: func(c *cred.Cred) error {
			return first(c.May(&s.a, search), c.May(&s.b, search), c.MayLinkACL(&s.f, s.fACL, &s.b, nil, s.hardlinks))
		},
	}
}

func checkRename(r *rand.Rand, s *scene) check {
	same, exchange := r.Intn(2) == 0, r.Intn(4) == 0
	dir, target, to := &s.b, s.bT, s.btPath
	if same {
		dir, target, to = &s.a, s.aT, s.atPath
	}
	exchange = exchange && target != nil
	return check{
		name: fmt.Sprintf("rename same=%v exchange=%v", same, exchange),
		kernel: func() unix.Errno {
			return rawPath2(unix.SYS_RENAMEAT2, unix.AT_FDCWD, s.fPath, unix.AT_FDCWD, to,
				uintptr(b2i(exchange)*unix.RENAME_EXCHANGE))
		},
		model: func(c *cred.Cred) error {
			return first(c.May(&s.a, search), c.May(dir, search), c.MayRename(cred.Rename{
				OldDir: &s.a, Victim: &s.f, VictimACL: s.fACL,
				NewDir: dir, Target: target, SameDir: same, Exchange: exchange,
			}))
		},
	}
}

func checkMknod(r *rand.Rand, s *scene) check {
	types := []uint32{unix.S_IFREG, 0, unix.S_IFIFO, unix.S_IFSOCK, unix.S_IFCHR, unix.S_IFBLK, unix.S_IFDIR, unix.S_IFLNK}
	mode, rdev := types[r.Intn(len(types))]|uint32(r.Intn(0o10000)), uint64(r.Intn(2)*int(unix.Mkdev(1, 3)))
	return checkNew(s, fmt.Sprintf("mknod %o %d", mode, rdev), mode,
		func() unix.Errno {
			return rawPath(unix.SYS_MKNODAT, unix.AT_FDCWD, s.aFree, uintptr(mode), uintptr(rdev))
		},
		func(c *cred.Cred) error {
			// The type is looked at before the path.
			err := c.MayMknod(&s.a, mode, rdev)
			if k := mode & unix.S_IFMT; k == unix.S_IFDIR || k == unix.S_IFLNK {
				return err
			}
			return first(c.May(&s.a, search), err)
		})
}

func checkMkdir(r *rand.Rand, s *scene) check {
	mode := uint32(r.Intn(0o2000)) // mkdir takes the sticky bit, not the set-id ones
	return checkNew(s, fmt.Sprintf("mkdir %o", mode), unix.S_IFDIR|mode,
		func() unix.Errno { return rawPath(unix.SYS_MKDIRAT, unix.AT_FDCWD, s.aFree, uintptr(mode)) },
		func(c *cred.Cred) error { return first(c.May(&s.a, search), c.MayCreate(&s.a)) })
}

func checkNew(s *scene, name string, mode uint32, kernel func() unix.Errno, model func(*cred.Cred) error) check {
	return check{
		name: name, kernel: kernel, model: model,
		path: s.aFree,
		after: func(c *cred.Cred) string {
			o, mode := c.NewFile(&s.a, mode)
			return owned(o.UID, o.GID, mode&0o7777)
		},
	}
}

func checkFollow(r *rand.Rand, s *scene) check {
	if !s.f.IsLink() {
		return checkMkdir(r, s)
	}
	return check{
		name:   "follow",
		kernel: func() unix.Errno { return rawPath(unix.SYS_FACCESSAT2, unix.AT_FDCWD, s.fPath, 0, unix.AT_EACCESS) },
		model: func(c *cred.Cred) error {
			return first(c.May(&s.a, search), c.MayFollowLink(&s.a, &s.f, s.symlinks))
		},
	}
}

// lookOwned gives the owner and mode of a file in the form of owned.
func lookOwned(path string) string {
	a, err := vfs.HostLstat(path)
	if err != nil {
		return err.Error()
	}
	return owned(a.Uid, a.Gid, a.Perm())
}
