// Package arch is what depends on the CPU: system call numbers, the registers
// of a stopped thread, audit architectures. It is the only package with a file
// per CPU; everything above it compiles unchanged on amd64 and arm64.
//
// It is not the table of system calls (monitor/sysent is): it knows names and
// numbers, and nothing of what they mean. It makes no system calls, but for
// those before Go's runtime begins (ClosedAtStart).
//
// The numbers live in one generated table with a column per CPU, so that both
// columns can be tested on either machine. The generator reads the kernel's
// headers and supplement.txt, which holds the calls that are newer than the
// headers a distribution installs.
//
// All of it is immutable but for Regs, which belongs to whoever holds it.
package arch

//go:generate go run gen.go
