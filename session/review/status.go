package review

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/veduta/veduta/session"
)

// Summary counts changes by kind.
type Summary struct {
	Added, Modified, Deleted, Retyped, Renamed int
	// Bytes of the files that are added or changed.
	Bytes int64
}

// Summarize counts changes.
func Summarize(changes []*Change) Summary {
	var s Summary
	for _, c := range changes {
		*s.counter(c.Kind)++
		if c.Kind != Deleted && (c.Content || c.Kind == Added || c.Kind == Retyped) {
			s.Bytes += c.Size
		}
	}
	return s
}

func (s *Summary) counter(k Kind) *int {
	return map[Kind]*int{Added: &s.Added, Modified: &s.Modified, Deleted: &s.Deleted, Retyped: &s.Retyped, Renamed: &s.Renamed}[k]
}

// String is for instance "12 added, 1 deleted (340K)".
func (s Summary) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{s.Added, "added"}, {s.Modified, "modified"}, {s.Deleted, "deleted"}, {s.Retyped, "of another type"}, {s.Renamed, "renamed"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if len(parts) == 0 {
		return "nothing changed"
	}
	text := strings.Join(parts, ", ")
	if s.Bytes > 0 {
		text += " (" + bytesString(s.Bytes) + ")"
	}
	return text
}

// WriteStatus writes the short form: the counts, and the changes folded so that
// a directory that is added, deleted or renamed as a whole is one line, and
// likewise many changes of one kind in one directory. Every deletion is counted
// in a line of its own kind, none is left out.
func WriteStatus(w io.Writer, changes []*Change, colour bool) error {
	p := newPrinter(colour)
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, Summarize(changes))
	for _, f := range fold(changes) {
		fmt.Fprintf(b, "  %s  %s", p.kind(f.kind), f.text)
		if f.more > 0 {
			fmt.Fprintf(b, "  (%s)", countString(f.more, f.bytes))
		}
		fmt.Fprintln(b)
	}
	return b.Flush()
}

func countString(n int, bytes int64) string {
	s := fmt.Sprintf("%d entries", n)
	if n == 1 {
		s = "1 entry"
	}
	if bytes > 0 {
		s += ", " + bytesString(bytes)
	}
	return s
}

// folded is one line of the short form.
type folded struct {
	kind  Kind
	text  string
	dir   session.Path // what the line covers of its kind; "" for nothing more
	more  int          // entries that it stands for beside the directory itself
	bytes int64
}

// crowd is how many changes of one kind in one directory become one line.
const crowd = 8

func fold(changes []*Change) []folded {
	crowded := crowds(changes)
	var out []folded
	last := map[Kind]int{} // line that may cover what follows
	for _, c := range changes {
		if i, ok := last[c.Kind]; ok && out[i].dir != "" && within(string(c.Path), string(out[i].dir)) {
			out[i].more++
			out[i].bytes += c.Size
			continue
		}
		f := folded{kind: c.Kind, text: pathText(c)}
		dir := path.Dir(string(c.Path))
		switch {
		case (c.Kind == Added || c.Kind == Deleted) && c.isDir():
			f.text, f.dir = quote(c.Path)+"/", c.Path
		case crowded[crowdKey{c.Kind, dir}] >= crowd:
			f = folded{kind: c.Kind, text: quote(session.Path(path.Join(dir, "*"))), dir: session.Path(dir), more: 1, bytes: c.Size}
		}
		last[c.Kind] = len(out)
		out = append(out, f)
	}
	return out
}

type crowdKey struct {
	kind Kind
	dir  string
}

func crowds(changes []*Change) map[crowdKey]int {
	m := map[crowdKey]int{}
	for _, c := range changes {
		if c.Kind != Renamed && c.Kind != Retyped {
			m[crowdKey{c.Kind, path.Dir(string(c.Path))}]++
		}
	}
	return m
}
