package monitor

import (
	"sync"
	"time"

	"github.com/veduta/veduta/monitor/sysent"
)

const (
	// tooLong is how long the monitor may hold a call before that counts as a
	// fault.
	tooLong = 10 * time.Second
	// lookEvery is how often that is looked at, so that to serve a call needs no
	// clock.
	lookEvery = 2 * time.Second
)

const inHand = 1<<32 - 1 // the half of task.doing that tells the call

// takes notes that the monitor has a call of the task in its hands.
func (t *task) takes(nr int) { t.doing.Store(t.doing.Load()&^inHand + 1<<32 + uint64(nr) + 1) }

// gives notes that the call has been decided about.
func (t *task) gives() { t.doing.Store(t.doing.Load() &^ inHand) }

// watchdog looks now and then for calls that are not answered.
type watchdog struct {
	mu   sync.Mutex        // guards seen
	seen map[*task]sighted // calls that were in hand at the last look
}

type sighted struct {
	doing uint64
	since time.Time
	told  bool
}

// run looks until done is closed.
func (m *Monitor) watchFor(done <-chan struct{}) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			for _, h := range m.look(now) {
				m.say("%s of task %d is stuck: %s", h.entry.Name, h.tid, h.text(now))
			}
		case <-done:
			return
		}
	}
}

// holding is a call that waits for its answer.
type holding struct {
	tid   int
	entry *sysent.Entry
	since time.Time
	why   string // "" if it is in a handler
	stuck bool
}

func (h *holding) text(now time.Time) string {
	s := "held by the monitor for " + now.Sub(h.since).Round(time.Second).String()
	if h.why != "" {
		s += ", " + h.why
	}
	return s
}

// look notes what is in hand and gives those calls that have newly got stuck.
func (m *Monitor) look(now time.Time) (stuck []holding) {
	m.watch.mu.Lock()
	defer m.watch.mu.Unlock()
	last := m.watch.seen
	m.watch.seen = map[*task]sighted{}
	m.tasks.each(func(t *task) {
		doing := t.doing.Load()
		w := m.works.of(t)
		if doing&inHand == 0 && w == nil {
			return
		}
		s, ok := last[t]
		if !ok || s.doing != doing {
			s = sighted{doing: doing, since: now}
		}
		if h, ok := m.holds(t, s.since, now); ok && h.stuck && !s.told {
			s.told = true
			stuck = append(stuck, h)
		}
		m.watch.seen[t] = s
	})
	return stuck
}

// holds tells what the monitor holds of a task; since is when a call in a
// handler was seen first.
func (m *Monitor) holds(t *task, since, now time.Time) (h holding, ok bool) {
	if w := m.works.of(t); w != nil {
		h = holding{tid: t.tid, entry: w.entry, since: w.since, why: w.why.String()}
		h.stuck = (w.why == causeFar || w.why == causeMoves) && now.Sub(w.since) >= tooLong
		return h, true
	}
	nr := t.doing.Load() & inHand
	if nr == 0 {
		return h, false
	}
	e := sysent.Lookup(int(nr) - 1)
	return holding{tid: t.tid, entry: e, since: since, stuck: now.Sub(since) >= tooLong}, e != nil
}

// holdsNow is holds for somebody who asks in between.
func (m *Monitor) holdsNow(t *task, now time.Time) (holding, bool) {
	m.watch.mu.Lock()
	s, ok := m.watch.seen[t]
	m.watch.mu.Unlock()
	if !ok || s.doing != t.doing.Load() {
		s.since = now
	}
	return m.holds(t, s.since, now)
}
