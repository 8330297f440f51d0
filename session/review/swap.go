package review

import (
	"errors"

	"github.com/veduta/veduta/session"
	"golang.org/x/sys/unix"
)

// errMeanwhile: neither the file before nor the one after the step is there.
var errMeanwhile = errors.New("changed while the commit ran")

func (s *step) takeSwap(at *spot) error {
	now, err := at.now()
	if err != nil {
		return err
	}
	if s.New == nil {
		if !now.is(s.Old) {
			return nil // it left
		}
		return at.rename(string(s.Slot), unix.RENAME_NOREPLACE, out)
	}
	switch {
	case now.is(s.New):
		return nil
	case at.dir < 0:
		return unix.ENOENT
	case now == nil && (s.Old == nil || s.held(s.Slot+".old", s.Old)):
		return at.rename(string(s.Slot), unix.RENAME_NOREPLACE, in)
	case s.Old == nil || !now.is(s.Old):
		return errMeanwhile
	}
	err = at.rename(string(s.Slot), unix.RENAME_EXCHANGE, in)
	if err != unix.EINVAL && err != unix.ENOSYS {
		return err
	}
	// No exchange here: for a moment there is nothing at the path.
	if err := at.rename(string(s.Slot+".old"), unix.RENAME_NOREPLACE, out); err != nil {
		return err
	}
	return at.rename(string(s.Slot), unix.RENAME_NOREPLACE, in)
}

func (s *step) revertSwap(at *spot) error {
	now, err := at.now()
	if err != nil {
		return err
	}
	if s.New == nil {
		if now.is(s.Old) || at.dir < 0 {
			return nil
		}
		if now != nil {
			return errMeanwhile
		}
		return at.rename(string(s.Slot), unix.RENAME_NOREPLACE, in)
	}
	aside := s.Old != nil && s.held(s.Slot+".old", s.Old)
	switch {
	case now.is(s.New) && s.Old != nil && !aside:
		return at.rename(string(s.Slot), unix.RENAME_EXCHANGE, in)
	case now.is(s.New):
		if err := at.rename(string(s.Slot), unix.RENAME_NOREPLACE, out); err != nil {
			return err
		}
		fallthrough
	case now == nil && aside:
		if aside {
			return at.rename(string(s.Slot+".old"), unix.RENAME_NOREPLACE, in)
		}
	}
	return nil
}

// held tells whether a file of ours is at a slot.
func (s *step) held(slot session.Path, id *identity) bool {
	at, err := openSpot(string(slot))
	if err != nil {
		return false
	}
	defer at.close()
	now, err := at.now()
	return err == nil && now.is(id)
}

type direction bool

const (
	in  direction = true  // from the slot to the spot
	out direction = false // from the spot to the slot
)

// rename moves between spot and slot by renameat2(2). Where flags are not known
// (ENOSYS, EINVAL), NOREPLACE is looked for by hand: the slot is ours alone.
func (p *spot) rename(slot string, flags uint, d direction) error {
	fromDir, from, toDir, to := unix.AT_FDCWD, slot, p.dir, p.name
	if d == out {
		fromDir, from, toDir, to = p.dir, p.name, unix.AT_FDCWD, slot
	}
	err := unix.Renameat2(fromDir, from, toDir, to, flags)
	if flags != unix.RENAME_NOREPLACE || err != unix.EINVAL && err != unix.ENOSYS {
		return err
	}
	if unix.Faccessat(toDir, to, unix.F_OK, unix.AT_SYMLINK_NOFOLLOW) == nil {
		return unix.EEXIST
	}
	return unix.Renameat(fromDir, from, toDir, to)
}
