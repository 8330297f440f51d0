// Package sysent is the one table of system calls: what operation each call
// spells and what each of its arguments is. The seccomp filter, the dispatch,
// the readable trace and doc/SYSCALLS.md all derive from it; there is no second
// list anywhere.
//
// It decides nothing about a call and knows no view: a Family says which part
// of a view would have to be bound for the call to be of interest at all.
//
// The rows lie by subject in paths.go, descr.go, sockets.go and so on, without
// numbers: those are the CPU's (package arch). A row has a role for every
// argument that the kernel takes; tests compare number, count and meaning with
// the kernel's own tables. A call that is new in the kernel's headers gets a
// line in arch/supplement.txt and a row here.
//
// The table is immutable and may be read from any goroutine.
package sysent

//go:generate go run gen_names.go
//go:generate go run gen_doc.go -o ../../doc/SYSCALLS.md
