package monitor

import (
	"sync"
	"sync/atomic"
)

// works are the calls that are answered later.
type works struct {
	mu    sync.Mutex // guards all
	all   map[*task]*work
	count atomic.Int32 // len(all), to be read without the lock
	rooms [causesCount]chan struct{}
	busy  sync.WaitGroup // those that come to an end by themselves
}

func (s *works) prepare() {
	s.all = map[*task]*work{}
	for i := range s.rooms {
		s.rooms[i] = make(chan struct{}, mostWorks)
	}
}

func (s *works) add(w *work) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[w.task] = w
	s.count.Store(int32(len(s.all)))
}

func (s *works) remove(w *work) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[w.task] == w {
		delete(s.all, w.task)
		s.count.Store(int32(len(s.all)))
	}
}

// of is the call of a task that is answered later, nil if there is none.
func (s *works) of(t *task) *work {
	if s.count.Load() == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[t]
}

// gone tells that a task waits no more.
func (s *works) gone(t *task) {
	if w := s.of(t); w != nil {
		s.remove(w)
		close(w.gone)
	}
}

// enter waits for a turn; false if the guest was killed before it came.
func (s *works) enter(w *work) bool {
	select {
	case s.rooms[w.why] <- struct{}{}:
		return true
	case <-w.gone:
		return false
	}
}

func (s *works) leave(w *work) { <-s.rooms[w.why] }

// finish waits for work whose guests have been killed, so that none of it is left
// half done. Not for what may never end.
func (s *works) finish() { s.busy.Wait() }
