package owner

import "encoding/binary"

// NoID in a record means that the id is that of the backing file (umoci's
// NoopID).
const NoID = 0xFFFFFFFF

const xattrResource = "user.rootlesscontainers"

// encodeResource makes the protobuf message rootlesscontainers.Resource
// {uint32 uid = 1; uint32 gid = 2}. As in proto3, a zero is left out.
func encodeResource(uid, gid uint32) []byte {
	b := []byte{}
	if uid != 0 {
		b = binary.AppendUvarint(append(b, 1<<3), uint64(uid))
	}
	if gid != 0 {
		b = binary.AppendUvarint(append(b, 2<<3), uint64(gid))
	}
	return b
}

// decodeResource reads what umoci, PRoot or we wrote; false if it is no such
// message. Fields it does not know are skipped.
func decodeResource(b []byte) (uid, gid uint32, ok bool) {
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 {
			return 0, 0, false
		}
		b = b[n:]
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return 0, 0, false
		}
		b = b[n:]
		switch {
		case key == 1<<3:
			uid = uint32(v)
		case key == 2<<3:
			gid = uint32(v)
		case key&7 == 2: // bytes of another field
			if v > uint64(len(b)) {
				return 0, 0, false
			}
			b = b[v:]
		case key&7 != 0:
			return 0, 0, false
		}
	}
	return uid, gid, true
}
