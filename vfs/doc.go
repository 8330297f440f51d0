// Package vfs holds what every file system of a view has in common: the
// FileSystem interface, directory records, attributes, the mount tree with its
// path walk, and the one place where an error becomes a number.
//
// It is not a file system itself (vfs/hostfs, vfs/overlayfs and others are)
// and knows nothing of guests, descriptors or system calls: it is asked about
// paths and answers about paths.
//
// Concurrency: a FileSystem is safe for use by several goroutines and never
// holds a lock of its own while it copies file data. A Tree has one lock; it is
// taken before any lock of a file system, never after.
package vfs
