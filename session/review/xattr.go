package review

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/veduta/veduta/vfs"
)

// compared tells whether an attribute is a matter of the file: labels and
// measurements of security modules are the system's to give.
func compared(name string) bool {
	return strings.HasPrefix(name, "user.") || strings.HasPrefix(name, "trusted.") ||
		strings.HasPrefix(name, "system.posix_acl_") || name == "security.capability"
}

// xattrs tells how the attributes that the view shows differ from those of the
// real file.
func (w *walker) xattrs(c *Change, low *vfs.Attr) []XattrChange {
	if low.IsLink() {
		return nil
	}
	now, old := w.r.attributes(c.n.upper), w.r.attributes(c.base)
	var names []string
	for n := range now {
		names = append(names, n)
	}
	for n := range old {
		if _, both := now[n]; !both {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	var list []XattrChange
	for _, n := range names {
		a, b := old[n], now[n]
		if (a == nil) != (b == nil) || !bytes.Equal(essence(n, a), essence(n, b)) {
			list = append(list, XattrChange{Name: n, Old: a, New: b})
		}
	}
	return list
}

// attributes are those of a host file as the view shows them.
func (r reader) attributes(host string) map[string][]byte {
	names, err := r.owners.Listxattr(host)
	if err != nil {
		return nil
	}
	m := map[string][]byte{}
	for _, n := range names {
		if !compared(n) {
			continue
		}
		if v, err := r.owners.Getxattr(host, n); err == nil {
			m[n] = append([]byte{}, v...)
		}
	}
	return m
}

// essence takes out of an access ACL the entries that chmod(2) changes: they
// are compared as the mode (include/uapi/linux/posix_acl_xattr.h).
func essence(name string, v []byte) []byte {
	const header, entry = 4, 8
	if name != "system.posix_acl_access" || len(v) < header || (len(v)-header)%entry != 0 {
		return v
	}
	out := slices.Clone(v)
	for e := out[header:]; len(e) > 0; e = e[entry:] {
		switch binary.LittleEndian.Uint16(e) {
		case 0x01, 0x10, 0x20: // user, mask, others
			e[2], e[3] = 0, 0
		}
	}
	return out
}
