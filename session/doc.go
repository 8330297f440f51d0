// Package session keeps views on disk: each has a name, a description and the
// copy-on-write layer that its guests wrote. What a layer changed, and how it is
// applied to the real system, is package session/review.
//
// A store is one directory of the user's, checked before use:
//
//	STORE/sessions/.new-*, .gone-*  sessions being made or removed
//	STORE/sessions/NAME             one session, which holds
//
//	session.json  Meta, replaced atomically
//	lock          flock(2), held by the monitor; the holder's pid
//	upper         directory: upper layer of the view, "/" at its top
//	work          directory: scratch of the overlay, on the same file system
//	owners        owners that the files cannot carry (vfs/owner)
//	origins       what was copied up or deleted, an overlayfs.Origin a line
//	unseen        lower directories that could not be read, one path each, NUL-terminated
//	areas         directories outside that a commit has made, NUL-terminated
//	commit        directory: journal of the last commit (session/review)
//
// A session appears and disappears by one rename(2), so that a listing never
// shows a half of one, whatever was killed. What such a kill leaves under a
// dotted name is swept by the next Create (.new-*) and by Sweep, which every
// command that makes or removes a session should call.
//
// # Concurrency
//
// Several processes may use a store at once. Lock order:
//
//	flock of STORE/sessions (short; never held while files are removed)
//	  flock of a session's lock file (held for the life of a monitor)
//
// A session's lock is taken and probed only under the store's lock: a probe that
// is underway therefore never makes a monitor believe that a session is in use.
// A Session value may be used by several goroutines.
package session
