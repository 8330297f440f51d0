package monitor

import "sync"

// listKey names a directory stream as well as can be told from outside.
type listKey struct {
	tgid, fd int
	dev, ino uint64
}

// streams are the directory streams under way that list answers: what is left
// of a long directory is not listed anew for every buffer, and what comes and
// goes in the middle of a walk need not show (readdir(3)). The zero value is
// ready.
type streams struct {
	mu   sync.Mutex // guards all
	all  map[listKey]stream
	held int // of all, those with a list
}

type stream struct {
	pos  int64         // where the next buffer starts
	list []placedEntry // nil: no more remembered
}

// mostLists bounds the lists of streams that nobody reads to their end.
const mostLists = 64

// at gives the list of a stream that goes on at a position; nil: list anew. It
// also tells whether the stream was begun here.
func (s *streams) at(key listKey, pos int64) (list []placedEntry, begun bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, begun := s.all[key]
	if x.pos != pos || pos == 0 {
		return nil, begun
	}
	return x.list, begun
}

// keep remembers a stream of which something is left.
func (s *streams) keep(key listKey, pos int64, list []placedEntry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[listKey]stream{}
	}
	if s.all[key].list == nil {
		s.room()
		s.held++
	}
	s.all[key] = stream{pos, list}
}

// room drops a list where there are too many.
func (s *streams) room() {
	if s.held < mostLists {
		return
	}
	for k, x := range s.all {
		if x.list != nil {
			s.all[k] = stream{pos: x.pos}
			s.held--
			return
		}
	}
}

// end forgets a stream that has been read to its end.
func (s *streams) end(key listKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[key].list != nil {
		s.held--
	}
	delete(s.all, key)
}
