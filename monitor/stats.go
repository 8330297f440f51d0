package monitor

import (
	"fmt"
	"io"
	"sort"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace/notify"
	"github.com/veduta/veduta/ptrace/trace"
)

// Stats is what a run cost.
type Stats struct {
	Trace  trace.Stops    `json:"trace"`
	Notify uint64         `json:"notify"` // calls caught by user notification
	Calls  map[string]int `json:"calls"`  // calls handled, by operation
	Tasks  int            `json:"tasks"`  // tasks born
	// CPU of the monitor itself, in microseconds.
	User   int64 `json:"userMicroseconds"`
	System int64 `json:"systemMicroseconds"`
}

func (m *Monitor) stats(l *notify.Listener) Stats {
	s := Stats{Trace: m.pool.Stops(), Calls: map[string]int{}, Tasks: m.born + 1}
	if l != nil {
		s.Notify = l.Calls
	}
	for i := range m.counts {
		if n := m.counts[i].Load(); n > 0 {
			s.Calls[sysent.Op(i).String()] += int(n)
		}
	}
	var ru unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &ru) == nil {
		s.User = ru.Utime.Sec*1e6 + ru.Utime.Usec
		s.System = ru.Stime.Sec*1e6 + ru.Stime.Usec
	}
	return s
}

// Print writes the statistics for people.
func (s *Stats) Print(w io.Writer) {
	fmt.Fprintf(w, "stops: %d by trace (%d at calls, %d at exits), %d by notify, %d lifecycle, %d signals, %d group-stops, %d passed on\n",
		s.Trace.Calls+s.Trace.Exits, s.Trace.Calls, s.Trace.Exits, s.Notify, s.Trace.Events, s.Trace.Signals, s.Trace.Groups, s.Trace.Moved)
	fmt.Fprintf(w, "tasks: %d; monitor: %.3f s user, %.3f s system\n", s.Tasks, float64(s.User)/1e6, float64(s.System)/1e6)
	names := make([]string, 0, len(s.Calls))
	for n := range s.Calls {
		names = append(names, n)
	}
	sort.Slice(names, func(i, j int) bool {
		if s.Calls[names[i]] != s.Calls[names[j]] {
			return s.Calls[names[i]] > s.Calls[names[j]]
		}
		return names[i] < names[j]
	})
	for _, n := range names {
		fmt.Fprintf(w, "%10d %s\n", s.Calls[n], n)
	}
}
