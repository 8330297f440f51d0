// Package launch starts the first guest. The filter has to be installed by the
// process that it binds, before its first exec; Go runs no code of ours
// between fork and exec, so the monitor starts its own binary once more with a
// socket, and that copy (Main) waits to be seized, installs the filter on
// itself and executes the command, which from then on is a guest like any
// other: even the search of the command in PATH happens inside the view.
//
// Protocol on the socket: the monitor sends a Plan; the launcher answers with a
// Report once the filter stands; the monitor takes the listener and sends one
// byte; a second Report comes only if no exec succeeded, else the socket
// closes at exec.
package launch
