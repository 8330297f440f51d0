package procfs

import "bytes"

// stat renders /proc/PID/stat of a task in a group-stop, which shows the
// tracer's stop natively; nil for all others.
func (f *FS) stat(tid int, host []byte) []byte {
	i := bytes.LastIndexByte(host, ')')
	if i < 0 || !bytes.HasPrefix(host[i:], []byte(") t ")) {
		return nil
	}
	if _, traced := f.o.Status(tid, "State", host); traced {
		return nil
	}
	host[i+2] = 'T'
	return host
}

// status renders /proc/PID/status with the lines that the view decides about.
func (f *FS) status(tid int, host []byte) (out []byte) {
	for line := range bytes.Lines(host) {
		key, _, _ := bytes.Cut(line, []byte{':'})
		if l, ok := f.o.Status(tid, string(key), host); ok {
			out = append(append(out, l...), '\n')
			continue
		}
		if rest, ok := bytes.CutPrefix(line, []byte("State:\tt (tracing stop)")); ok {
			line = append([]byte("State:\tT (stopped)"), rest...)
		}
		out = append(out, line...)
	}
	return out
}
