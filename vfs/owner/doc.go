// Package owner keeps what the file that backs a file of a view cannot carry:
// owners, set-id bits, modes that would lock out an ordinary user, device
// numbers, and extended attributes that need privilege.
//
// A Store that is Native (the monitor is really privileged) keeps nothing: all
// is done to the file itself. Any other Store creates files as the monitor's
// own user, with modes that let that user in (0600 is always set, 0700 for
// directories, set-id bits never), and records the difference:
//
//   - ids in the extended attribute user.rootlesscontainers, in the form that
//     umoci and PRoot share (the protobuf message Resource{uid, gid});
//   - type, mode and device number in user.veduta.inode, for instance "104755"
//     or "20666:1:3" (octal mode with the type, decimal major and minor);
//   - extended attributes of other name spaces in user.veduta.x.NAME.
//
// Files that can have no user attributes (links, fifos, sockets, anything on a
// file system without them) are in a Sidecar, a log keyed by device, inode and
// birth time, with the attributes of other name spaces. Where nothing is
// recorded, files of the monitor's own ids show the ids of the view's caller, as
// a uid_map of one line would have it.
//
// It knows nothing of layers or views; vfs/hostfs and vfs/overlayfs call it.
//
// Concurrency: a Store is immutable after its making and may be used by several
// goroutines at once; two changes of one file at the same time end in either
// order. A Sidecar has one lock, taken last, never held over a call elsewhere.
package owner
