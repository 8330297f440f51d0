package arch

// closedAtStart has bit N set if descriptor N was closed when the process
// started, for the standard three, and bit 3 if that is known at all.
var closedAtStart uint32

// ClosedAtStart tells which of the descriptors 0, 1 and 2 the process was
// started without. Go's runtime opens /dev/null over those before any Go code
// runs (checkfds in runtime/fds_unix.go), after which nothing tells them from
// what a caller opened; so _veduta_start looks first, where the linker has made
// it the entry (go build -ldflags="-E _veduta_start"). ok is false elsewhere.
func ClosedAtStart() (fds []int, ok bool) {
	for fd := range 3 {
		if closedAtStart>>fd&1 != 0 {
			fds = append(fds, fd)
		}
	}
	return fds, closedAtStart != 0
}
