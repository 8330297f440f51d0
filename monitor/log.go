package monitor

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

// Log is the readable log of what was virtualized: a line a call.
type Log struct {
	mu  sync.Mutex // guards w
	w   io.Writer
	set func(*sysent.Entry) bool
	all bool
}

// NewLog makes a log of the calls of a set: names, families or "all", comma
// separated; empty means all calls that the view answered itself.
func NewLog(w io.Writer, set string) (*Log, error) {
	l := &Log{w: w}
	names := map[string]bool{}
	for n := range strings.SplitSeq(set, ",") {
		switch {
		case n == "":
		case n == "all":
			l.all = true
		case sysent.ByName(n) != nil || families()[n]:
			names[n] = true
		default:
			return nil, fmt.Errorf("no system call or family %q", n)
		}
	}
	l.set = func(e *sysent.Entry) bool {
		return len(names) == 0 || names[e.Name] || names[strings.ToLower(e.Family.String())]
	}
	return l, nil
}

var families = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, e := range sysent.Every() {
		m[strings.ToLower(e.Family.String())] = true
	}
	return m
})

// call writes the line of one call and its verdict.
func (l *Log) call(c *call, v *ptrace.Verdict) {
	if v.Kind == ptrace.KindPass && !l.all || !l.set(c.entry) {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s %s(", c.task.tid, c.thread.Transport, c.entry.Name)
	for i := range c.entry.NArgs() {
		if i > 0 {
			b.WriteString(", ")
		}
		c.argument(&b, i)
	}
	fmt.Fprintf(&b, ") = %s\n", outcome(v))
	l.mu.Lock()
	defer l.mu.Unlock()
	io.WriteString(l.w, b.String())
}

// argument writes one argument as its role would have it.
func (c *call) argument(b *strings.Builder, i int) {
	v := c.Args[i]
	switch c.entry.Args[i] {
	case sysent.Path, sysent.NewPath, sysent.Target, sysent.Name:
		s, err := c.thread.Mem.ReadString(v, c.buf[:])
		if err != nil {
			fmt.Fprintf(b, "%#x", v)
			return
		}
		fmt.Fprintf(b, "%q", s)
	case sysent.DirFD, sysent.NewDirFD:
		if int32(v) == unix.AT_FDCWD {
			b.WriteString("AT_FDCWD")
			return
		}
		fmt.Fprintf(b, "%d", int32(v))
	case sysent.FD, sysent.Int, sysent.Len, sysent.PID, sysent.UID, sysent.GID, sysent.Cmd:
		fmt.Fprintf(b, "%d", int32(v))
	case sysent.Mode:
		fmt.Fprintf(b, "%#o", uint32(v))
	default:
		fmt.Fprintf(b, "%#x", v)
	}
}

// outcome says what became of the call.
func outcome(v *ptrace.Verdict) string {
	switch v.Kind {
	case ptrace.KindReturn:
		if v.Value < 0 && v.Value >= -4095 {
			return unix.ErrnoName(unix.Errno(-v.Value))
		}
		return fmt.Sprint(v.Value)
	case ptrace.KindOpen:
		return "open " + v.Host
	case ptrace.KindFD:
		return strings.TrimSpace("descriptor " + v.Host)
	case ptrace.KindRewrite:
		for _, a := range v.Rewrite.Args {
			if a.Bytes != nil {
				text, _, _ := strings.Cut(string(a.Bytes), "\x00")
				return "at " + text
			}
		}
		return "changed"
	case ptrace.KindLater:
		return "later"
	case ptrace.KindPtrace:
		return "among guests"
	}
	return "native"
}
