package review

import "slices"

// closure adds to chosen changes those without which they can't be made:
//
//   - the new directory that one is in;
//   - all in a renamed directory, and all in one that is replaced or deleted;
//   - the rename that frees the path that one takes, and those that take
//     something out of a deleted directory;
//   - around a rename in an opaque directory all in the topmost such, as the
//     upper layer could not tell otherwise what is left.
func closure(all, chosen []*Change) []*Change {
	s := closing{all: all, in: map[*Change]bool{}, source: map[string]*Change{}}
	for _, c := range all {
		if c.Kind == Renamed {
			s.source[c.base] = c
		}
	}
	for _, c := range chosen {
		s.add(c)
	}
	for len(s.queue) > 0 {
		c := s.queue[0]
		s.queue = s.queue[1:]
		s.follow(c)
	}
	return filter(all, s.in)
}

type closing struct {
	all    []*Change
	in     map[*Change]bool
	source map[string]*Change // renames by where they take from
	queue  []*Change
}

func (s *closing) add(c *Change) {
	if c != nil && !s.in[c] {
		s.in[c] = true
		s.queue = append(s.queue, c)
	}
}

func (s *closing) follow(c *Change) {
	s.add(c.parent)
	if c.Kind != Deleted {
		s.add(s.source[string(c.Path)])
	}
	switch {
	case c.moves():
		s.below(string(c.Path))
		if top := c.n.cover(); top != nil {
			s.below(top.path)
		}
	case c.Kind == Deleted && c.isDir() && !s.in[c.under], c.Kind == Retyped && c.OldType == typeDir:
		s.below(string(c.Path))
		for from, r := range s.source {
			if within(from, c.base) {
				s.add(r)
			}
		}
	}
}

// below adds what is at or in a directory: a stretch of the ordered list.
func (s *closing) below(dir string) {
	first, _ := slices.BinarySearchFunc(s.all, dir, func(c *Change, dir string) int { return comparePaths(string(c.Path), dir) })
	for _, c := range s.all[first:] {
		if !within(string(c.Path), dir) {
			return
		}
		s.add(c)
	}
}
