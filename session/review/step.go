package review

import (
	"fmt"
	"os"
	"path"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// step is the smallest unit of a commit; it can be taken, taken back, and both
// again.
type step struct {
	Op   op           `json:"op"`
	Path session.Path `json:"path"`

	// A swap brings New from Slot to Path and Old from Path to Slot; nil is no
	// file. Where the file system can't exchange, Old goes to Slot+".old".
	Slot session.Path `json:"slot,omitempty"`
	Old  *identity    `json:"old,omitempty"`
	New  *identity    `json:"new,omitempty"`

	// attr: the file Old gets Want; taken back, it gets Was.
	Want *attrs `json:"want,omitempty"`
	Was  *attrs `json:"was,omitempty"`
	// Leaves: a later step takes the file away, so it may be gone already.
	Leaves bool `json:"leaves,omitempty"`

	// write: the file Old gets the data of Slot; taken back, those of Backup.
	Backup session.Path `json:"backup,omitempty"`
}

type op string

const (
	swap  op = "swap"
	attr  op = "attr"
	write op = "write"
)

// whole tells whether a step that was read says all that it takes.
func (s *step) whole() bool {
	if s == nil || !path.IsAbs(string(s.Path)) {
		return false
	}
	switch s.Op {
	case swap:
		return path.IsAbs(string(s.Slot)) && (s.Old != nil || s.New != nil)
	case attr:
		return s.Old != nil && s.Want != nil && s.Was != nil
	case write:
		return s.Old != nil && path.IsAbs(string(s.Slot)) && path.IsAbs(string(s.Backup))
	}
	return false
}

// take takes a step unless it has been taken.
func (s *step) take() error {
	met, err := s.run((*step).takeSwap, s.Want, s.Slot)
	if err == nil && !met && !s.Leaves {
		err = errMeanwhile
	}
	if err != nil {
		return fmt.Errorf("%s: %w", quote(s.Path), err)
	}
	return nil
}

// takeBack reverts a step if it has been taken.
func (s *step) takeBack() error {
	_, err := s.run((*step).revertSwap, s.Was, s.Backup)
	if err != nil {
		return fmt.Errorf("%s: %w", quote(s.Path), err)
	}
	return nil
}

// run does one direction of a step; met is false if attributes or data are meant
// for a file that is not there.
func (s *step) run(swapping func(*step, *spot) error, a *attrs, data session.Path) (met bool, err error) {
	at, err := openSpot(string(s.Path))
	if err == unix.ENOENT || err == unix.ENOTDIR {
		at, err = &spot{dir: -1}, nil
	}
	if err != nil {
		return false, err
	}
	defer at.close()
	switch s.Op {
	case swap:
		return true, swapping(s, at)
	case attr:
		return at.with(s.Old, func(fd int, st *vfs.Attr) error { return a.apply(fd, st.IsLink()) })
	case write:
		return at.with(s.Old, func(fd int, _ *vfs.Attr) error { return overwrite(fd, string(data)) })
	}
	return false, fmt.Errorf("journal: unknown step %q", s.Op)
}

// overwrite replaces the data of a file, which stays the same inode.
func overwrite(fd int, from string) error {
	src, err := hostpath.OpenFile(from, os.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", fd), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	err = copyData(dst, src)
	if e := dst.Close(); err == nil {
		err = e
	}
	return err
}
