package launch

import (
	"encoding/binary"
	"encoding/json"
	"io"

	"golang.org/x/sys/unix"
)

// Plan is what the launcher is to do.
type Plan struct {
	Filter     []unix.SockFilter // empty: install none
	Notify     bool              // ask for a listener
	NoNewPrivs bool
	Dir        string // working directory in the view; empty: as it is
	// Paths are tried in order, as execvp(3) would.
	Paths     []string
	Argv, Env []string
}

// Report is what the launcher tells.
type Report struct {
	Listener int // descriptor number in the launcher, -1 if none
	// Errno of the failed step, 0 if all went well so far.
	Errno unix.Errno
	Step  string // what failed: a system call's name
	Path  string
}

// sendPlan writes a plan with its length in front, so that the receiver reads
// not one byte more: the next is the go-ahead.
func sendPlan(w io.Writer, p *Plan) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = w.Write(append(binary.NativeEndian.AppendUint32(nil, uint32(len(text))), text...))
	return err
}

func receivePlan(r io.Reader, p *Plan) error {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return err
	}
	text := make([]byte, binary.NativeEndian.Uint32(size[:]))
	if _, err := io.ReadFull(r, text); err != nil {
		return err
	}
	return json.Unmarshal(text, p)
}
