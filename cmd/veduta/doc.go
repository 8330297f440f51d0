// Command veduta runs commands in a view.
//
// It is the command line and nothing else: flags become a view (viewflags.go,
// build.go), sessions are opened and dealt with at the end (sessions.go,
// finish.go), and what a session changed is shown and applied (diff.go,
// commit.go, …). Each command of commands.go has a file of its name; parsing,
// help and completion are made from that one list.
//
// All that veduta says itself goes to standard error, in one line that begins
// with its name; listings go to standard output. The process runs one command
// and ends, so nothing here is shared between goroutines, but for signals
// (signals.go, interrupt.go).
package main
