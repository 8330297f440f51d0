// Package review tells what a session changed and brings it to the real file
// system, whole or in part, or drops it.
//
// # Comparing
//
// The upper layer is in the kernel overlayfs's format with userxattr
// (Documentation/filesystems/overlayfs.rst). It is read once into a tree of
// nodes; the sources of renames are found (user.overlay.redirect, and for files
// the log of origins); then each node is held against the real file that lies
// below it. The result is a list of Change, parents before what is in them, in
// which nothing is folded: a deleted directory is followed by all that it held.
//
// # Committing
//
// What is new is first built whole, with owners, modes, attributes and times, in
// an area: a directory on the same mount as its target. Only then are the steps
// written to the journal, and only then taken. A step moves at most two files:
// the new one from its slot in the area to its path and the old one from the
// path to the slot (RENAME_EXCHANGE where both exist), so that each path goes
// from old to new at once, and what was replaced waits in the slot for undo.
//
//	staging    areas may hold debris, nothing real is touched
//	applying   the steps are on disk; each is taken or not
//	done       all are taken; the slots keep what undo needs
//
// Whether a step was taken is not noted but seen: the inode that the journal
// names for it is at the path, or is not. So a commit that was killed anywhere
// can go on (Resume) or back (Rollback), and steps may be repeated. The order of
// steps makes that sound: sources of renames leave first, the deepest first; all
// else goes parents first, each path once; so no later step changes what a path
// of an earlier one leads to.
//
// A file of the upper layer that is just what is wanted is not copied but linked
// into its slot; in the end the layer gives its own name up. What a commit
// replaced keeps its name in a slot until the next commit or the session's end,
// so another link of it counts one more till then. A file whose other real names
// the layer does not hold changes with them and so stays the same inode: its data
// are written in place, the one change that is not atomic, though it is undone
// and resumed like the others.
//
// # Concurrency
//
// A session must be locked for Commit, Resume, Rollback and Discard. Changes may
// run while guests do; then it shows some moment of each file.
package review
