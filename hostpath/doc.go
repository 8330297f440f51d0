// Package hostpath makes system calls by host paths of any length.
//
// The kernel takes no path of PATH_MAX (4096) bytes or more, yet directories may
// lie deeper: programs get there step by step. A longer path is gone along in
// pieces, by descriptors, and the call is made with what is left of it. Shorter
// ones, nearly all, cost a comparison.
//
// It is not a file system and knows no view (vfs and its file systems do). The
// functions are those of golang.org/x/sys/unix and os, by the same names, for
// paths from the root; their errors are the kernel's.
//
// Concurrency: it has no state.
package hostpath
