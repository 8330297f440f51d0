// Package laws holds the tree to its own rules: which room may import which,
// one package doc a package, short files, no empty names, and a line in
// RATIONALE.md for every dependency. It has no code outside its tests.
//
// Each law is a function from what was found in the source to complaints, and
// has a test beside it that breaks the law, so that a law that has stopped to
// see is noticed.
package laws
