package overlayfs

import "golang.org/x/sys/unix"

// The overlay's attributes of upper files (fs/overlayfs/overlayfs.h, with the
// prefix of the mount option userxattr).
const (
	xattrOpaque   = "user.overlay.opaque"
	xattrRedirect = "user.overlay.redirect"
	xattrImpure   = "user.overlay.impure"
	xattrWhiteout = "user.overlay.whiteout"
	xattrNodes    = "user.veduta.nodes" // ours: holds devices that are only on record
)

// getMark reads one; empty if there is none.
func getMark(host, name string) string {
	var small [256]byte
	n, err := unix.Lgetxattr(host, name, small[:])
	if err == unix.ERANGE {
		big := make([]byte, 64<<10)
		if n, err = unix.Lgetxattr(host, name, big); err == nil {
			return string(big[:n])
		}
	}
	if err != nil {
		return ""
	}
	return string(small[:n])
}

func setMark(host, name, value string) error {
	return unix.Lsetxattr(host, name, []byte(value), 0)
}
