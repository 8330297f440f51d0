package monitor

import (
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/veduta/veduta/monitor/control"
)

// Guests tells what processes live in the view and what they are doing.
func (m *Monitor) Guests() []control.Guest {
	now := time.Now()
	all := map[int]*control.Guest{}
	m.tasks.each(func(t *task) {
		m.mu.Lock()
		tgid, uid, tid := t.tgid, t.cred.EUID, t.tid
		m.mu.Unlock()
		g := all[tgid]
		if g == nil {
			g = &control.Guest{PID: tgid, UID: uid}
			all[tgid] = g
		}
		if tid == tgid {
			g.UID = uid
		}
		g.Threads++
		if h, ok := m.holdsNow(t, now); ok {
			held := control.Held{TID: tid, Call: h.entry.Name, Seconds: now.Sub(h.since).Seconds(), Why: h.why, Stuck: h.stuck}
			if g.Held == nil || g.Held.Seconds < held.Seconds {
				g.Held = &held
			}
		}
	})
	list := make([]control.Guest, 0, len(all))
	for _, g := range all {
		g.State, g.Command = stateOf(g.PID), commandOf(g.PID)
		list = append(list, *g)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].PID < list[j].PID })
	return list
}

var states = map[string]string{"R": "running", "S": "sleeping", "D": "waiting", "T": "stopped", "t": "stopped", "Z": "ended",
	"X": "ended", "I": "idle"}

// stateOf is the state of a process in words.
func stateOf(pid int) string {
	f := taskStat(pid)
	if f == nil {
		return "ended"
	}
	if s, ok := states[f[statState]]; ok {
		return s
	}
	return f[statState]
}

// commandOf reads the arguments of a process, or its name if it has none.
func commandOf(pid int) []string {
	proc := "/proc/" + strconv.Itoa(pid)
	b, _ := os.ReadFile(proc + "/cmdline")
	if len(b) > 0 {
		return strings.Split(strings.TrimSuffix(string(b), "\x00"), "\x00")
	}
	b, _ = os.ReadFile(proc + "/comm")
	return []string{"[" + strings.TrimSuffix(string(b), "\n") + "]"}
}
