package vfstest

import (
	"testing"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Make gives an empty file system whose fresh files show owner 0:0. One that
// holds records may be asked to chown to anybody.
type Make func(t *testing.T) vfs.FileSystem

// Conform holds a file system to what open(2), mkdir(2) and their kin promise,
// as a monitor asks for it.
func Conform(t *testing.T, fresh Make) {
	for _, law := range laws {
		t.Run(law.name, func(t *testing.T) { law.run(&suite{T: t, Ours: Ours{FS: fresh(t)}}) })
	}
}

var laws = []struct {
	name string
	run  func(*suite)
}{
	{"open", (*suite).open},
	{"tmpfile", (*suite).tmpfile},
	{"dirs", (*suite).dirs},
	{"setgid", (*suite).setgid},
	{"owners", (*suite).owners},
	{"modes", (*suite).modes},
	{"devices", (*suite).devices},
	{"xattrs", (*suite).xattrs},
	{"rename", (*suite).rename},
	{"links", (*suite).links},
	{"descriptors", (*suite).descriptors},
	{"removed", (*suite).removed},
	{"times", (*suite).times},
	{"random", (*suite).random},
}

type suite struct {
	*testing.T
	Ours
}

func (s *suite) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *suite) is(err error, want unix.Errno) {
	s.Helper()
	if err == nil || vfs.Errno(err) != want {
		s.Fatalf("got %v, want %v", err, want)
	}
}

// shows checks mode with the type, and owner.
func (s *suite) shows(path string, mode uint32, uid, gid uint32) {
	s.Helper()
	a, err := s.FS.Lstat(path)
	s.ok(err)
	if uint32(a.Mode) != mode || a.Uid != uid || a.Gid != gid {
		s.Fatalf("%s shows %o %d:%d, want %o %d:%d", path, a.Mode, a.Uid, a.Gid, mode, uid, gid)
	}
}

func (s *suite) create(path string) {
	s.Helper()
	s.ok(s.Write(path, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, 0o644, path))
}
