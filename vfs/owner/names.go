package owner

import "strings"

const (
	overlayPrefix = "user.overlay."
	// escaped is the kernel's own way to keep user.overlay.* of a nested
	// overlay (Documentation/filesystems/overlayfs.rst, "Nesting overlayfs
	// mounts").
	escaped      = "user.overlay.overlay."
	vedutaPrefix = "user.veduta."
	kept         = "user.veduta.x."
)

// reserved names are ours or the kernel's overlay's; a guest's own attribute of
// such a name is kept under another.
func reserved(name string) bool {
	return name == xattrResource || strings.HasPrefix(name, vedutaPrefix) || strings.HasPrefix(name, overlayPrefix)
}

// privileged names need a capability that an ordinary user's monitor lacks.
func privileged(name string) bool {
	return strings.HasPrefix(name, "security.") || strings.HasPrefix(name, "trusted.")
}

// stored is the name under which the backing file has the attribute.
func stored(name string) string {
	switch {
	case strings.HasPrefix(name, overlayPrefix):
		return escaped + name[len(overlayPrefix):]
	case reserved(name):
		return kept + name
	}
	return name
}

// shown is the name that a guest sees; false: none.
func shown(name string) (string, bool) {
	switch {
	case strings.HasPrefix(name, escaped):
		return overlayPrefix + name[len(escaped):], true
	case strings.HasPrefix(name, kept):
		return name[len(kept):], true
	}
	return name, !reserved(name)
}

// BearsXattr tells whether a file of that type may be given an attribute
// (xattr(7): user attributes are for plain files and directories).
func BearsXattr(mode uint32, name string) bool {
	return !strings.HasPrefix(name, "user.") || bearsXattrs(uint16(mode))
}
