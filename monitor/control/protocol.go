package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Version of the protocol.
const Version = 1

const (
	mostAsked = 64 << 10        // bytes of a question
	mostSaid  = 64 << 20        // bytes of an answer
	patience  = 5 * time.Second // for the other end
)

// Question is what a client wants.
type Question struct {
	Version int    `json:"veduta"`
	Ask     string `json:"ask"` // "ps", "mounts", "mount" or "umount"
	// Mount is what to mount, or with its Target alone what to unmount.
	Mount *Mount `json:"mount,omitempty"`
	// Peer is the process that asks, as the kernel tells it.
	Peer int `json:"-"`
}

// Mount is a mount to be made or taken away.
type Mount struct {
	Type     string   `json:"type,omitempty"`
	Source   string   `json:"source,omitempty"` // on the host
	Target   string   `json:"target"`           // in the view
	ReadOnly bool     `json:"ro,omitempty"`
	Flags    uint64   `json:"flags,omitempty"` // MS_ flags of mount(2)
	Options  []string `json:"options,omitempty"`
	// Lazy: an umount of what is in use, too (MNT_DETACH).
	Lazy bool `json:"lazy,omitempty"`
}

// Mounted is a mount of a view.
type Mounted struct {
	Source  string `json:"source"`
	Target  string `json:"target"`
	Type    string `json:"type"`
	Options string `json:"options"`
}

// Answer is what the monitor says.
type Answer struct {
	Version int    `json:"veduta"`
	Error   string `json:"error,omitempty"`
	View    *View  `json:"view,omitempty"` // to "ps"
	// Mounts are to "mounts".
	Mounts []Mounted `json:"mounts,omitempty"`
}

// View is a running view.
type View struct {
	Monitor int       `json:"monitor"`           // process id
	Session string    `json:"session,omitempty"` // its name, if it has one
	Started time.Time `json:"started"`
	Command []string  `json:"command"`
	Guests  []Guest   `json:"guests"`
}

// Guest is one process in a view.
type Guest struct {
	PID     int      `json:"pid"`
	Threads int      `json:"threads"`
	UID     uint32   `json:"uid"` // effective, as the view has it
	State   string   `json:"state"`
	Command []string `json:"command"`
	// Held is the call of one of its threads that the monitor has not answered
	// yet, the longest.
	Held *Held `json:"held,omitempty"`
}

// Held is a call that waits for the monitor's answer.
type Held struct {
	TID  int    `json:"tid"`
	Call string `json:"call"`
	// For how long, in seconds; what began lately may tell 0.
	Seconds float64 `json:"seconds"`
	// Why it takes its time, if that is known.
	Why string `json:"why,omitempty"`
	// Stuck: it should have been answered by now.
	Stuck bool `json:"stuck"`
}

// ErrVersion is a monitor of another version.
var ErrVersion = errors.New("it is of another version of veduta")

// read takes one JSON object of bounded size.
func read(r io.Reader, most int64, v any) error {
	d := json.NewDecoder(io.LimitReader(r, most))
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("control socket: %w", err)
	}
	return nil
}
