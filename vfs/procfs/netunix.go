package procfs

import "bytes"

// netUnix renders net/unix (proc(5)) with the view's names of sockets.
func (f *FS) netUnix(host []byte) (out []byte) {
	for line := range bytes.Lines(host) {
		start := nameStart(line)
		if name, ok := f.o.Socket(string(bytes.TrimSuffix(line[start:], []byte("\n")))); ok {
			line = append(append(line[:start:start], name...), '\n')
		}
		out = append(out, line...)
	}
	return out
}

// nameStart is where the name begins in a line: behind seven fields, which may
// be padded, and one space.
func nameStart(line []byte) int {
	at := 0
	for range 7 {
		for at < len(line) && line[at] == ' ' {
			at++
		}
		for at < len(line) && line[at] != ' ' {
			at++
		}
	}
	return min(at+1, len(line))
}
