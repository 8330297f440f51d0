package monitor

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/veduta/veduta/vfs"
)

func itoa(n int) string { return strconv.Itoa(n) }

func le32(b []byte) uint32 { return binary.NativeEndian.Uint32(b) }

func put32(b []byte, v uint32) { binary.NativeEndian.PutUint32(b, v) }

// splitPath cuts an absolute path into directory and name.
func splitPath(p string) (dir, name string) {
	i := strings.LastIndexByte(p, '/')
	if i == 0 {
		return "/", p[1:]
	}
	return p[:i], p[i+1:]
}

// ViewPath is the view's path of a host path, the kernel's mark of a removed
// file kept; false if no mount shows the file.
func (m *Monitor) ViewPath(host string) (string, bool) {
	return m.viewPath(host, nil)
}

// viewPath is ViewPath by one mount first, if that is known.
func (m *Monitor) viewPath(host string, first *vfs.Mount) (string, bool) {
	bare := strings.TrimSuffix(host, deleted)
	mark := host[len(bare):]
	if original, ok := m.loaders.hostOf(bare); ok {
		bare = strings.TrimSuffix(original, deleted)
		mark = original[len(bare):]
		if strings.HasPrefix(bare, "/memfd:") {
			return original, true
		}
	}
	p, ok := m.tree.PathOf(bare, first)
	if !ok {
		return "", false
	}
	return p + mark, true
}
