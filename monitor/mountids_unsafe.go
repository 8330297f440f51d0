package monitor

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
)

// uniqueIDs are the host's mounts by their numbers, which the kernel gives again,
// with those that it never does (statmount(2), mnt_id); nil where the kernel has
// none.
type uniqueIDs map[int]uint64

// ownUnique is where the view's own begin, past all of the host's.
const ownUnique = 1 << 48

func (u uniqueIDs) of(id int) uint64 {
	if unique, ok := u[id]; ok {
		return unique
	}
	return ownUnique + uint64(id)
}

// Of listmount(2) and statmount(2) (include/uapi/linux/mount.h).
const (
	sizeofMountReq = 24
	sizeofStatmnt  = 512 // without the strings
	everyMount     = ^uint64(0)
	mountBasic     = 0x2
	mountNamespace = 0x40
)

func mountRequest(id, param uint64) (b [sizeofMountReq]byte) {
	binary.NativeEndian.PutUint32(b[:], sizeofMountReq)
	binary.NativeEndian.PutUint64(b[8:], id)
	binary.NativeEndian.PutUint64(b[16:], param)
	return b
}

// uniqueIDs asks the kernel for the host's.
func (m *Monitor) uniqueIDs() uniqueIDs {
	nr, ok := arch.Number("listmount")
	stat, _ := arch.Number("statmount")
	if !ok {
		return nil
	}
	all := uniqueIDs{}
	last := uint64(0)
	for {
		var ids [256]uint64
		q := mountRequest(everyMount, last)
		n, _, e := unix.Syscall6(uintptr(nr), uintptr(unsafe.Pointer(&q)), uintptr(unsafe.Pointer(&ids)), uintptr(len(ids)), 0, 0, 0)
		if e != 0 {
			return nil
		}
		for _, id := range ids[:n] {
			var b [sizeofStatmnt]byte
			q := mountRequest(id, mountBasic)
			if _, _, e := unix.Syscall6(uintptr(stat), uintptr(unsafe.Pointer(&q)), uintptr(unsafe.Pointer(&b)), uintptr(len(b)), 0, 0, 0); e == 0 {
				all[int(binary.NativeEndian.Uint32(b[56:]))] = id
			}
			last = id
		}
		if int(n) < len(ids) {
			return all
		}
	}
}

// mountNS is the number of the monitor's mount namespace, 0 if the kernel does not
// tell.
func mountNS(unique uint64) uint64 {
	stat, _ := arch.Number("statmount")
	var b [sizeofStatmnt]byte
	q := mountRequest(unique, mountNamespace)
	unix.Syscall6(uintptr(stat), uintptr(unsafe.Pointer(&q)), uintptr(unsafe.Pointer(&b)), uintptr(len(b)), 0, 0, 0)
	return binary.NativeEndian.Uint64(b[112:])
}
