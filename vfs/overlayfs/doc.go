// Package overlayfs is a copy-on-write file system: one or more lower host
// directories that are only read, and an upper one that takes every change. It
// needs no privilege and no mount.
//
// # On disk
//
// The upper directory has the form of the kernel's overlayfs with the mount
// option userxattr (Documentation/filesystems/overlayfs.rst), so that the
// kernel and fuse-overlayfs can show it: whiteouts are character devices 0:0,
// or empty files with user.overlay.whiteout in a directory whose
// user.overlay.opaque is "x" where devices cannot be made; user.overlay.opaque
// "y", user.overlay.redirect and user.overlay.impure are as there. (The kernel
// follows no redirect under userxattr: a view with renamed lower directories
// can be read by us only.) Owners and modes are kept by vfs/owner.
//
// Beside it, in the directory that holds the work directory, lie the log
// "origins" (what was copied up or deleted, one Origin a line) and the list
// "unseen" (lower directories that could not be read). Work holds what is under
// construction, removed when the file system is opened, and "index", a link to
// each copied-up file that has other names in the lower layers.
//
// # Structure
//
// Paths of the upper layer are the view's paths; lower paths differ below a
// renamed directory. What is known of directories is a tree of nodes (node.go):
// one for each upper directory that merges with lower ones or may hold such.
// lookup.go finds a name through them with one or two statx(2). Changes are
// made in the work directory and renamed into place.
//
// As in the kernel's overlay before Linux 4.19, a file opened for reading before
// its copy-up goes on to show the lower data.
//
// # Concurrency
//
// FS.mu guards the nodes and the name space of the upper layer: shared for
// questions, exclusive for changes. File data is copied without it; a second
// copy-up of the same inode waits for the first. OnChange is called without it.
// Lock order:
//
//	FS.mu
//	  origins.mu
//	  unseen.mu
package overlayfs
