package arch

import "golang.org/x/sys/unix"

// Sender is what a siginfo_t says about who sent a signal (sigaction(2)).
type Sender struct {
	Code int32 // si_code
	_    int32
	PID  int32
	UID  uint32
}

// senders are the last ones, by signal; the handler fills them in.
var senders [65]Sender

// noted is the handler that goes on from ours: Go's own.
var noted uintptr

// LastSender is who sent the signal that this process has received last, of those
// that are noted.
func LastSender(sig unix.Signal) Sender { return senders[sig] }

// NoteSenders gives the address of a signal handler that notes the sender and goes
// on to next, which is Go's own for every signal: os/signal tells its readers
// nothing but the number.
func NoteSenders(next uintptr) uintptr {
	handler := noteSender()
	if next != handler && noted != next {
		noted = next
	}
	return handler
}

// noteSender is the address of the handler.
func noteSender() uintptr
