package overlayfs

import (
	"path"
	"slices"
	"strings"

	"github.com/veduta/veduta/hostpath"
	"golang.org/x/sys/unix"
)

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
	n, err := hostpath.Lgetxattr(host, name, small[:])
	if err == unix.ERANGE {
		big := make([]byte, 64<<10)
		if n, err = hostpath.Lgetxattr(host, name, big); err == nil {
			return string(big[:n])
		}
	}
	if err != nil {
		return ""
	}
	return string(small[:n])
}

func setMark(host, name, value string) error {
	return hostpath.Lsetxattr(host, name, []byte(value), 0)
}

// Redirect is the path in the lower layers that the mark user.overlay.redirect
// of a directory or file leads to; parent is the one that its parent stands for.
// ok is false if there is none, or none that the kernel would follow
// (ovl_check_redirect in fs/overlayfs/namei.c): so it leads nowhere else than into
// the layers.
func Redirect(mark, parent string) (lower string, ok bool) {
	names := mark
	if path.IsAbs(mark) {
		parent, names = "/", mark[1:]
	} else if strings.Contains(mark, "/") {
		return "", false
	}
	for _, name := range strings.Split(names, "/") {
		if slices.Contains([]string{"", ".", ".."}, name) || strings.Contains(name, "\x00") {
			return "", false
		}
	}
	return path.Join(parent, names), true
}
