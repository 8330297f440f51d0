// Package integration holds tests that drive the built binary, as a person
// would. It has no code of its own.
//
// The differential scripts are archives in testdata/diff: the files of an
// initial tree, setup.sh (run on the host by the caller, before), and
// script.sh, which runs natively and in views; output, status and the tree it
// leaves have to be the same. Comments at the head of script.sh say where it
// makes sense:
//
//	# as: root      only where the script is root: really, or by --root
//	# as: user      only where it is an ordinary user
//	# as: any       both (the default)
//	# views: a b    only in these views (view_test.go)
//	# needs: a b    programs without which the test is skipped, saying so (by
//	                root it fails: make test has installed them); i386: those
//	                of testdata/c for 32 bits, as NAME_32
//	# unshare: uts  the native reference gets a host name of its own
//	# long          left out with -short
//
// A file named known lists differences that are known: texts whose lines are
// left out of the comparison ("*": the whole script), under comments that say
// why. When nothing differs any more the test fails until the list is gone.
//
// The reference of a view with --root is real root, so the tests want to be run
// as root and as an ordinary user; run by root they become both. The programs
// of testdata/c are first in the scripts' PATH; HOME and TMPDIR are fresh, and
// the current directory holds the tree.
//
// The suites of others (suite_test.go) run natively and in views too, and are
// compared test by test; testdata/suites/accepted lists the differences that
// are facts of the kernel's interface. make suites runs them at length.
//
// TestRandomCalls makes random system calls, valid ones and not, natively and in
// views: a generator (callgen_test.go) makes cases from seeds, static_calls in
// testdata/c makes the calls and prints what each one answered, and a difference
// is shrunk to the least case that shows it. Cases that once differed are kept in
// testdata/calls. make randomcalls runs it at length. The same is done by a 32-bit build.
//
// VEDUTA_TEST_BINARY names a binary to test instead of one built from the tree.
package integration
