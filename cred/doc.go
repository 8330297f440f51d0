// Package cred is a model of credentials(7) and capabilities(7): the ids,
// groups, capability sets and securebits of one task, the calls that change
// them, and the permission checks that depend on them, with the kernel's rules
// and errors. It makes no system call and knows no guest.
//
// A Cred is a value owned by one task; it is not safe for concurrent use.
package cred
