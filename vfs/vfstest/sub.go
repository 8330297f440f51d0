package vfstest

import "github.com/veduta/veduta/vfs"

// sub is a directory of a target as a target.
type sub struct {
	Ours
	top string
}

func (s sub) in(p string) string {
	if p == "/" {
		return s.top
	}
	return s.top + p
}

func (s sub) Mkdir(p string, m uint32) error                  { return s.Ours.Mkdir(s.in(p), m) }
func (s sub) Mknod(p string, m uint32, d uint64) error        { return s.Ours.Mknod(s.in(p), m, d) }
func (s sub) Symlink(target, p string) error                  { return s.Ours.Symlink(target, s.in(p)) }
func (s sub) Link(a, b string) error                          { return s.Ours.Link(s.in(a), s.in(b)) }
func (s sub) Unlink(p string) error                           { return s.Ours.Unlink(s.in(p)) }
func (s sub) Rmdir(p string) error                            { return s.Ours.Rmdir(s.in(p)) }
func (s sub) Rename(a, b string, f uint) error                { return s.Ours.Rename(s.in(a), s.in(b), f) }
func (s sub) Chmod(p string, m uint32) error                  { return s.Ours.Chmod(s.in(p), m) }
func (s sub) Chown(p string, u, g int) error                  { return s.Ours.Chown(s.in(p), u, g) }
func (s sub) Truncate(p string, n int64) error                { return s.Ours.Truncate(s.in(p), n) }
func (s sub) Utimes(p string, t int64) error                  { return s.Ours.Utimes(s.in(p), t) }
func (s sub) Setxattr(p, n, v string, f int) error            { return s.Ours.Setxattr(s.in(p), n, v, f) }
func (s sub) Removexattr(p, n string) error                   { return s.Ours.Removexattr(s.in(p), n) }
func (s sub) Getxattr(p, n string) (string, error)            { return s.Ours.Getxattr(s.in(p), n) }
func (s sub) Write(p string, f int, m uint32, t string) error { return s.Ours.Write(s.in(p), f, m, t) }
func (s sub) Readlink(p string) (string, error)               { return s.Ours.Readlink(s.in(p)) }
func (s sub) Lstat(p string) (vfs.Attr, error)                { return s.Ours.Lstat(s.in(p)) }
func (s sub) Read(p string) (string, error)                   { return s.Ours.Read(s.in(p)) }
func (s sub) List(p string) ([]vfs.Dirent, error)             { return s.Ours.List(s.in(p)) }
