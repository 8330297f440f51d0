package review

import (
	"bufio"
	"encoding/json"
	"io"
)

// WriteJSON writes changes as one array of objects.
func WriteJSON(w io.Writer, changes []*Change) error {
	if changes == nil {
		changes = []*Change{}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(changes)
}

// WriteNUL writes letter and path, and the path before of what was renamed in
// front of it, each ended by a NUL byte, as git diff --name-status -z.
func WriteNUL(w io.Writer, changes []*Change) error {
	b := bufio.NewWriter(w)
	for _, c := range changes {
		b.WriteString(string(c.Kind))
		b.WriteByte(0)
		if c.Kind == Renamed {
			b.WriteString(string(c.From))
			b.WriteByte(0)
		}
		b.WriteString(string(c.Path))
		b.WriteByte(0)
	}
	return b.Flush()
}
