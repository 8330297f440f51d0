package review

import "slices"

// closure adds to chosen changes those without which they can't be made:
//
//   - the new directory that one is in;
//   - all in a renamed directory, and all in one that is replaced or deleted;
//   - all names of one file, or they would not stay one;
//   - the rename that frees the path that one takes, and those that take
//     something out of a directory that is deleted or renamed itself;
//   - what is known only by a real name that one takes away;
//   - around a rename in an opaque directory all in the topmost such, as the
//     upper layer could not tell otherwise what is left.
func closure(all, chosen []*Change) []*Change {
	s := closing{all: all, in: map[*Change]bool{}, source: map[string]*Change{}}
	listed := map[*Change]bool{}
	for _, c := range all {
		listed[c] = true
		if c.needs != "" {
			s.needy = append(s.needy, c)
		}
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
		for _, l := range c.group {
			if listed[l.c] {
				s.add(l.c)
			}
		}
	}
	return filter(all, s.in)
}

type closing struct {
	all    []*Change
	in     map[*Change]bool
	source map[string]*Change // renames by where they take from
	needy  []*Change          // those that need a real path to stay
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
	for _, r := range s.needy {
		if c.base != "" && within(r.needs, c.base) {
			s.add(r)
		}
	}
	if c.Kind != Deleted {
		s.add(s.source[string(c.Path)])
	}
	goes := c.Kind == Deleted && !s.in[c.under] || c.Kind == Retyped
	if !c.moves() && (!goes || !c.isDir() && c.OldType != typeDir) {
		return
	}
	s.below(string(c.Path))
	for from, r := range s.source {
		if within(from, c.base) {
			s.add(r)
		}
	}
	if !c.moves() {
		return
	}
	if top := c.n.cover(); top != nil {
		s.below(top.path)
	}
	s.linkedInto(string(c.Path))
}

// linkedInto adds the other names of files in a renamed directory, also of
// those that are no change themselves: with the directory they leave the layer.
func (s *closing) linkedInto(dir string) {
	for _, c := range s.all {
		for _, l := range c.group {
			if within(l.n.path, dir) {
				s.add(c)
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
