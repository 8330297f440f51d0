// Package modules is what a module is written against: View, Binding, Module.
//
// A module takes charge of part of a view by returning a Binding, which is
// data: mounts, an identity, a host name. The monitor derives from the fields
// that are set which system calls have to be caught; what no module binds is
// left to the kernel. A module reaches the world only through the view below it
// (lower), so that views stack by composition.
//
// It never sees the monitor, guests or system calls.
package modules
