package main

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/session"
)

const fixStore = "set VEDUTA_HOME to a directory on ext4, xfs, btrfs or tmpfs"

// storeFindings are what the file system of the sessions can do.
func storeFindings(engine string) []finding {
	store, err := session.Open()
	if err != nil {
		return []finding{{"session store", verdictNo, oneLine(err), ""}}
	}
	dir, err := os.MkdirTemp(store.Dir(), ".doctor-")
	if err != nil {
		return []finding{found("session store", err, "set VEDUTA_HOME to a directory of yours")}
	}
	defer os.RemoveAll(dir)
	list := []finding{
		{What: "session store", Verdict: verdictOK, Says: store.Dir()},
		found("whiteouts in the store (mknod c 0 0)", unix.Mknod(filepath.Join(dir, "whiteout"), unix.S_IFCHR, 0), fixStore),
		found("user attributes in the store", tryXattr(dir), fixStore),
		reflink(dir),
	}
	if engine != "" {
		list = append(list, found("copy-on-write, a file written in a guest", tryLayer(engine), "see the store above"))
	}
	return list
}

func tryXattr(dir string) error {
	return unix.Setxattr(dir, "user.overlay.opaque", []byte("y"), 0)
}

// reflink tells whether a copy-up can share blocks (ioctl_ficlone(2)).
func reflink(dir string) finding {
	f := finding{What: "reflinks in the store", Verdict: verdictInfo, Says: "yes: copies cost nothing"}
	if err := tryReflink(dir); err != nil {
		f.Says = "no, files are copied: " + err.Error()
	}
	return f
}

func tryReflink(dir string) error {
	src, err := os.Create(filepath.Join(dir, "a"))
	if err != nil {
		return err
	}
	defer src.Close()
	if _, err := src.Write(make([]byte, 4096)); err != nil {
		return err
	}
	dst, err := os.Create(filepath.Join(dir, "b"))
	if err != nil {
		return err
	}
	defer dst.Close()
	return unix.IoctlFileClone(int(dst.Fd()), int(src.Fd()))
}
