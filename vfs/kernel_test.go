package vfs_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/hostfs"
)

// thicket makes a random tree of directories, files and links below root.
func thicket(t testing.TB, root string, r *rand.Rand) {
	t.Helper()
	dirs := []string{"/"}
	names := func() string { return string(rune('a' + r.IntN(5))) }
	text := func() string {
		parts := make([]string, 1+r.IntN(3))
		for i := range parts {
			parts[i] = []string{names(), names(), names(), "..", "."}[r.IntN(5)]
		}
		return []string{"", "", "/", "/", "../"}[r.IntN(5)] + strings.Join(parts, "/") + []string{"", "", "", "/"}[r.IntN(4)]
	}
	for range 40 {
		p := filepath.Join(dirs[r.IntN(len(dirs))], names())
		var err error
		switch r.IntN(4) {
		case 0:
			if err = os.Mkdir(root+p, 0o755); err == nil {
				dirs = append(dirs, p)
			}
		case 1:
			err = unix.Mknod(root+p, unix.S_IFREG|0o644, 0) // never through a link
		default:
			err = os.Symlink(text(), root+p)
		}
		if err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
	}
}

// native is what the kernel makes of a path with root as "/": the file's
// number, or the errno.
func native(rootfd int, path string, follow bool, resolve uint64) string {
	flags := unix.O_PATH | unix.O_CLOEXEC
	if !follow {
		flags |= unix.O_NOFOLLOW
	}
	fd, err := unix.Openat2(rootfd, path, &unix.OpenHow{Flags: uint64(flags), Resolve: resolve})
	for err == unix.EAGAIN { // somebody renamed something, anywhere: openat2(2) says to ask again
		fd, err = unix.Openat2(rootfd, path, &unix.OpenHow{Flags: uint64(flags), Resolve: resolve})
	}
	if err != nil {
		return unix.ErrnoName(vfs.Errno(err))
	}
	defer unix.Close(fd)
	a, err := vfs.HostStatAt(fd, "", unix.AT_EMPTY_PATH)
	return fmt.Sprint(a.Ino, err)
}

// ours is the same by a walk of the tree.
func ours(tree *vfs.Tree, path string, follow bool, resolve uint64) string {
	w := vfs.Walk{Root: tree.Root(), Start: tree.Root(), Follow: follow, Resolve: resolve}
	where, err := tree.Walk(&w, []byte(path))
	if err != nil {
		return unix.ErrnoName(vfs.Errno(err))
	}
	a, err := where.FS.Lstat(where.Path())
	switch {
	case err != nil:
		return unix.ErrnoName(vfs.Errno(err))
	case where.Slash && !a.IsDir():
		return "ENOTDIR"
	}
	return fmt.Sprint(a.Ino, nil)
}

// FuzzWalk compares walks of a random tree with the kernel's own.
func FuzzWalk(f *testing.F) {
	for i, p := range []string{"a/b/c", "/a/../b", "c/", "a/./b/", "../../a", "a//b/..", "e/d/c/b/a", "b/.", "d/..", "/"} {
		for j := range 8 {
			f.Add(uint64(8*i+j), p, j&1 != 0, j&2 != 0)
		}
	}
	f.Fuzz(func(t *testing.T, seed uint64, path string, follow, strict bool) {
		if path == "" || strings.IndexByte(path, 0) >= 0 || len(path) >= 4000 {
			t.Skip("no path that a system call would take")
		}
		root := t.TempDir()
		r := rand.New(rand.NewPCG(seed, 1))
		thicket(t, root, r)
		fd, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		tree := vfs.NewTree(&vfs.Mount{FS: hostfs.New(hostfs.Options{Root: root})})
		resolve := uint64(unix.RESOLVE_IN_ROOT)
		if strict {
			resolve = unix.RESOLVE_BENEATH
		}
		paths := []string{path}
		for range 100 { // and as many of the tree's own names
			parts := make([]string, 1+r.IntN(5))
			for i := range parts {
				parts[i] = []string{"a", "b", "c", "d", "e", "..", "."}[r.IntN(7)]
			}
			paths = append(paths, []string{"", "/"}[r.IntN(2)]+strings.Join(parts, "/")+[]string{"", "", "/"}[r.IntN(3)])
		}
		for _, p := range paths {
			want := native(fd, p, follow, resolve)
			with := resolve
			if !strict {
				with = 0 // the root of the tree is the guest's
			}
			for again := range 2 {
				if got := ours(tree, p, follow, with); got != want {
					t.Errorf("seed %d: %q (follow %v, RESOLVE_ %#x, time %d) is %s, to the kernel %s", seed, p, follow, resolve, again, got, want)
				}
			}
		}
	})
}
