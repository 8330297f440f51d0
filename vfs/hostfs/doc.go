// Package hostfs shows a directory (or a single file) of the host as a file
// system of a view: the host itself, a bind, a foreign root.
//
// Names, types and data are the host's; owners, modes and devices go through
// vfs/owner, so that a chown by a virtual root is recorded where the real one
// would be refused. It adds no layer (vfs/overlayfs does) and caches nothing.
//
// Directories are of class real where they are shown at their own path, else
// backed: the monitor leaves reads of them to the kernel and asks only for
// changes that need a record.
//
// Concurrency: an FS is immutable; every method is a few system calls and takes
// no lock of its own.
package hostfs
