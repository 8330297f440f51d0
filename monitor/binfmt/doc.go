// Package binfmt reads what the start of an executable says about how to run it
// (execve(2)): the interpreter of a script, the loader of an ELF program, the
// file's capabilities. It knows files, and nothing of views or tasks: where an
// interpreter lies in a view is for package monitor to find.
//
// Concurrency: a Cache may be used by several goroutines at once; its lock is
// held over no system call.
package binfmt
