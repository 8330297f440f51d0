package cred_test

import (
	"encoding/binary"
	"math/rand"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/vfs"
)

// scene is two directories with the file a/f, perhaps a/t and b/t, all with
// random owners and modes, arranged by root.
type scene struct {
	base                  string
	a, b, f               vfs.Attr
	aT, bT                *vfs.Attr
	fACL                  []byte
	hardlinks, symlinks   bool
	fPath, aDir, bDir     string
	atPath, btPath, aFree string
}

func newScene(base string) *scene {
	s := &scene{base: base, aDir: filepath.Join(base, "a"), bDir: filepath.Join(base, "b")}
	s.fPath, s.aFree = filepath.Join(s.aDir, "f"), filepath.Join(s.aDir, "new")
	s.atPath, s.btPath = filepath.Join(s.aDir, "t"), filepath.Join(s.bDir, "t")
	s.hardlinks = sysctl("fs/protected_hardlinks") != 0
	s.symlinks = sysctl("fs/protected_symlinks") != 0
	return s
}

func (s *scene) arrange(r *rand.Rand) error {
	for _, dir := range []string{s.aDir, s.bDir} {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		if err := unix.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	if err := makeRandom(r, s.fPath); err != nil {
		return err
	}
	if r.Intn(3) == 0 {
		setACL(r, s.fPath) // where the file system has none, there is none
	}
	for _, t := range []string{s.atPath, s.btPath} {
		if r.Intn(2) == 0 {
			if err := makeRandom(r, t); err != nil {
				return err
			}
		}
	}
	for _, dir := range []string{s.aDir, s.bDir} {
		if err := setRandom(r, dir, r.Intn(2) == 0); err != nil {
			return err
		}
	}
	return s.look()
}

// look reads the attributes that the model is to judge by.
func (s *scene) look() (err error) {
	if s.a, err = vfs.HostLstat(s.aDir); err != nil {
		return err
	}
	if s.b, err = vfs.HostLstat(s.bDir); err != nil {
		return err
	}
	if s.f, err = vfs.HostLstat(s.fPath); err != nil {
		return err
	}
	s.aT, s.bT, s.fACL = lookMaybe(s.atPath), lookMaybe(s.btPath), nil
	buf := make([]byte, 256)
	if n, err := unix.Lgetxattr(s.fPath, "system.posix_acl_access", buf); err == nil {
		s.fACL = buf[:n]
	}
	return nil
}

func lookMaybe(path string) *vfs.Attr {
	a, err := vfs.HostLstat(path)
	if err != nil {
		return nil
	}
	return &a
}

func makeRandom(r *rand.Rand, path string) error {
	var err error
	switch r.Intn(8) {
	case 0, 1:
		err = unix.Mkdir(path, 0o700)
	case 2:
		if err = unix.Symlink("/", path); err == nil {
			err = unix.Lchown(path, int(randOwner(r)), int(randOwner(r)))
		}
		return err
	case 3:
		err = unix.Mknod(path, unix.S_IFIFO|0o600, 0)
	default:
		err = unix.Mknod(path, unix.S_IFREG|0o600, 0)
	}
	if err != nil {
		return err
	}
	return setRandom(r, path, r.Intn(4) == 0)
}

func setRandom(r *rand.Rand, path string, open bool) error {
	if err := unix.Lchown(path, int(randOwner(r)), int(randOwner(r))); err != nil {
		return err
	}
	mode := uint32(r.Intn(0o10000))
	if open { // otherwise nearly all is refused
		mode |= 0o777
	}
	return unix.Chmod(path, mode)
}

var owners = []uint32{0, 5, 1000, 1001}

func randOwner(r *rand.Rand) uint32 { return owners[r.Intn(len(owners))] }

func setACL(r *rand.Rand, path string) {
	b := binary.LittleEndian.AppendUint32(nil, 2)
	add := func(tag uint16, id uint32) {
		b = binary.LittleEndian.AppendUint16(b, tag)
		b = binary.LittleEndian.AppendUint16(b, uint16(r.Intn(8)))
		b = binary.LittleEndian.AppendUint32(b, id)
	}
	const none = ^uint32(0)
	add(1, none)
	add(2, 1000)
	add(4, none)
	for _, gid := range []uint32{5, 1001} {
		if r.Intn(2) == 0 {
			add(8, gid)
		}
	}
	add(0x10, none)
	add(0x20, none)
	_ = unix.Lsetxattr(path, "system.posix_acl_access", b, 0)
}

// become makes this thread someone random, keeping a random part of root's
// capabilities, and tells who.
func become(r *rand.Rand) *cred.Cred {
	prctl(unix.PR_SET_SECUREBITS, cred.SECBIT_NO_SETUID_FIXUP)
	groups := make([]uint32, r.Intn(3))
	for i := range groups {
		groups[i] = randOwner(r)
	}
	rawGroups(unix.SYS_SETGROUPS, uintptr(len(groups)), groups)
	id := func() uintptr { return uintptr(randOwner(r)) }
	if r.Intn(3) == 0 { // an ordinary user, all ids one
		only := id()
		id = func() uintptr { return only }
	}
	raw(unix.SYS_SETRESGID, id(), id(), id())
	raw(unix.SYS_SETRESUID, id(), id(), id())
	if r.Intn(3) == 0 {
		raw(unix.SYS_SETFSUID, id())
		raw(unix.SYS_SETFSGID, id())
	}
	if r.Intn(3) != 0 {
		prctl(unix.PR_SET_SECUREBITS, 0)
	}
	perm := current().Permitted
	switch r.Intn(4) {
	case 0:
		perm = 0
	case 1:
		perm &= cred.CapSet(r.Uint64())
	case 2:
		perm &= cred.CapSet(r.Uint64() & r.Uint64())
	}
	data := make([]unix.CapUserData, 2)
	for i := range data {
		eff := uint32(perm >> (32 * i))
		data[i] = unix.CapUserData{Effective: eff & (r.Uint32() | r.Uint32()), Permitted: eff}
	}
	rawCap(unix.SYS_CAPSET, &unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, data)
	return current()
}
