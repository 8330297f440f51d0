// Package vfstest is the law of every vfs.FileSystem that can be written to: a
// conformance suite (Conform), trees as values to compare (Shot), operations
// that can be applied to a file system and, by plain system calls, to a
// directory of the host (Target), and runs of tests as another user (AsUser,
// Main) or in a mount name space of their own (Mounting).
//
// It is imported by tests only. Targets are used by one goroutine at a time.
package vfstest
