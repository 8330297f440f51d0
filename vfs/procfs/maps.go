package procfs

import (
	"bytes"
	"os"
)

// pathFields says how a file of a task names files: after how many fields, or
// behind which word (proc(5)).
var pathFields = map[string]struct {
	fields int
	word   string
}{
	"/maps": {fields: 5}, "/smaps": {fields: 5}, "/numa_maps": {word: " file="},
}

// mapped renders a list of mappings with the paths of the view.
func (f *FS) mapped(path string) ([]byte, bool) {
	for name, at := range pathFields {
		if _, ok := fileOf(path, name); !ok {
			continue
		}
		host, err := os.ReadFile("/proc" + path)
		if err != nil {
			return nil, false
		}
		var out []byte
		for line := range bytes.Lines(host) {
			start, end := len(line), len(line)
			if at.fields > 0 {
				start, end = lastField(line, at.fields)
			} else if i := bytes.Index(line, []byte(at.word)); i >= 0 {
				start = i + len(at.word)
				if n := bytes.IndexAny(line[start:], " \n"); n >= 0 {
					end = start + n
				}
			}
			out = append(out, line[:start]...)
			if p, ok := f.shown(line[start:end]); ok {
				out = append(append(out, p...), line[end:]...)
			} else {
				out = append(out, line[start:]...)
			}
		}
		return out, true
	}
	return nil, false
}

// shown is the view's path of one that the kernel tells, escapes as they are.
func (f *FS) shown(text []byte) (string, bool) {
	if len(text) == 0 || text[0] != '/' {
		return "", false
	}
	return f.o.Path(string(text))
}

// lastField is where the field behind a number of others lies in a line.
func lastField(line []byte, fields int) (start, end int) {
	for range fields {
		for start < len(line) && line[start] == ' ' {
			start++
		}
		for start < len(line) && line[start] != ' ' && line[start] != '\n' {
			start++
		}
	}
	for start < len(line) && line[start] == ' ' {
		start++
	}
	return start, len(bytes.TrimSuffix(line, []byte("\n")))
}
