// Package control is how a running monitor is asked about its view: the socket,
// who may ask, and what is said on it. It knows nothing of views; the monitor's
// side hands Serve a function that answers.
//
// # Place
//
// Each monitor listens on a socket of its own, PID.sock in a directory that
// belongs to the user and that nobody else may write to (package session finds
// it). A monitor that is killed leaves its socket; who finds that nobody listens
// removes it.
//
// # Protocol
//
// One question a connection: the client writes one JSON object and a newline,
// the server answers with one and closes. Both carry the version of the
// protocol, and a server that does not know the client's says so. Questions are
// at most mostAsked bytes and must come within patience, since a guest may ask
// too.
//
// # Trust
//
// Both ends ask the kernel who the other is (SO_PEERCRED, unix(7)): it has to be
// the same user, or root on the client's side. What the user itself is called is
// asked in the same way, on a socket pair, so that it holds inside a view too,
// where getuid(2) answers otherwise.
package control
