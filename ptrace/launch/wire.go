package launch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"golang.org/x/sys/unix"
)

// message is what goes over the socket in one piece: numbers and texts in a
// fixed order, with the length in front, so that the receiver reads not one
// byte more. Both ends are the same binary. (A decoder that learns its types at
// run time would cost the start of a command more than the exec.)
type message struct {
	b   []byte
	bad bool // shorter than what was to be taken from it
}

func (m *message) putInt(v int) { m.b = binary.NativeEndian.AppendUint64(m.b, uint64(v)) }

func (m *message) putText(s string) {
	m.putInt(len(s))
	m.b = append(m.b, s...)
}

func (m *message) putTexts(list []string) {
	m.putInt(len(list))
	for _, s := range list {
		m.putText(s)
	}
}

func (m *message) send(w io.Writer) error {
	_, err := w.Write(append(binary.NativeEndian.AppendUint64(nil, uint64(len(m.b))), m.b...))
	return err
}

var errMessage = errors.New("a message of the launch protocol is malformed")

// mostMessage is above any list of arguments that the kernel takes.
const mostMessage = 1 << 30

func receive(r io.Reader) (*message, error) {
	var size [8]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	n := binary.NativeEndian.Uint64(size[:])
	if n > mostMessage {
		return nil, errMessage
	}
	var b bytes.Buffer // grows with what comes, whatever length was said
	if _, err := io.CopyN(&b, r, int64(n)); err != nil {
		return nil, errMessage
	}
	return &message{b: b.Bytes()}, nil
}

func (m *message) take(n int) []byte {
	if n < 0 || n > len(m.b) {
		m.bad, m.b = true, nil
		return nil
	}
	b := m.b[:n]
	m.b = m.b[n:]
	return b
}

func (m *message) int() int {
	if b := m.take(8); b != nil {
		return int(binary.NativeEndian.Uint64(b))
	}
	return 0
}

func (m *message) text() string { return string(m.take(m.int())) }

func (m *message) texts() (list []string) {
	for n := m.int(); n > 0 && !m.bad; n-- {
		list = append(list, m.text())
	}
	return list
}

// end tells whether all was there and nothing is left.
func (m *message) end() error {
	if m.bad || len(m.b) > 0 {
		return errMessage
	}
	return nil
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sendPlan writes a plan.
func sendPlan(w io.Writer, p *Plan) error {
	var m message
	m.putInt(len(p.Filter))
	for _, f := range p.Filter {
		m.putInt(int(f.Code)<<16 | int(f.Jt)<<8 | int(f.Jf))
		m.putInt(int(f.K))
	}
	m.putInt(truth(p.Notify))
	m.putInt(truth(p.NoNewPrivs))
	m.putText(p.Dir)
	m.putTexts(p.Paths)
	m.putTexts(p.Argv)
	m.putTexts(p.Env)
	m.putInt(len(p.Closed))
	for _, fd := range p.Closed {
		m.putInt(fd)
	}
	return m.send(w)
}

func receivePlan(r io.Reader, p *Plan) error {
	m, err := receive(r)
	if err != nil {
		return err
	}
	for n := m.int(); n > 0 && !m.bad; n-- {
		code, k := m.int(), m.int()
		p.Filter = append(p.Filter, unix.SockFilter{Code: uint16(code >> 16), Jt: uint8(code >> 8), Jf: uint8(code), K: uint32(k)})
	}
	p.Notify, p.NoNewPrivs = m.int() != 0, m.int() != 0
	p.Dir, p.Paths, p.Argv, p.Env = m.text(), m.texts(), m.texts(), m.texts()
	for n := m.int(); n > 0 && !m.bad; n-- {
		p.Closed = append(p.Closed, m.int())
	}
	return m.end()
}

func sendReport(w io.Writer, r *Report) error {
	var m message
	m.putInt(r.Listener)
	m.putInt(int(r.Errno))
	m.putText(r.Step)
	m.putText(r.Path)
	return m.send(w)
}

func receiveReport(from io.Reader) (r Report, err error) {
	m, err := receive(from)
	if err != nil {
		return r, err
	}
	r.Listener, r.Errno = m.int(), unix.Errno(m.int())
	r.Step, r.Path = m.text(), m.text()
	return r, m.end()
}
