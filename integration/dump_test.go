package integration

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// dumpVariable makes the test binary print a tree instead of testing; it is
// how a view is looked at from inside.
const dumpVariable = "VEDUTA_TEST_DUMP"

// setTimes is before any time that the clock gives a file: older times were
// set by a script and are compared.
var setTimes = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

func dumpMain(dir string) int {
	d := dump{out: os.Stdout, exact: os.Getenv(dumpVariable+"_EXACT") != "", first: map[uint64]string{}}
	if err := d.tree(dir); err != nil {
		fmt.Println("dump:", err)
		return 1
	}
	return 0
}

// dump prints a tree, one line a file.
type dump struct {
	out   io.Writer
	exact bool // with inode numbers and all times: no file was touched
	dev   uint64
	first map[uint64]string // the first name of each inode
}

func (d *dump) tree(dir string) error {
	var st unix.Stat_t
	if err := unix.Lstat(dir, &st); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	d.dev = st.Dev
	d.file(dir, ".", st.Ino)
	return nil
}

func (d *dump) file(path, name string, dino uint64) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		fmt.Fprintf(d.out, "%s: listed, but %v\n", name, err)
		return
	}
	line := fmt.Sprintf("%s %07o %d:%d", name, st.Mode, st.Uid, st.Gid)
	if st.Mode&unix.S_IFMT != unix.S_IFDIR { // directories' counts have a script of their own
		line += fmt.Sprintf(" links %d", st.Nlink)
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		line += fmt.Sprintf(" %d bytes %s", st.Size, contents(path))
	case unix.S_IFLNK:
		to, err := os.Readlink(path)
		line += fmt.Sprintf(" -> %q (%d) %v", to, st.Size, err)
	case unix.S_IFCHR, unix.S_IFBLK:
		line += fmt.Sprintf(" device %d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	}
	if st.Mtim.Sec < setTimes {
		line += fmt.Sprintf(" mtime %d.%09d", st.Mtim.Sec, st.Mtim.Nsec)
	}
	if d.exact && st.Mode&unix.S_IFMT != unix.S_IFIFO { // what goes through a fifo changes its times
		line += fmt.Sprintf(" ino %d mtime %d.%09d ctime %d.%09d", st.Ino, st.Mtim.Sec, st.Mtim.Nsec, st.Ctim.Sec, st.Ctim.Nsec)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR && st.Nlink > 1 {
		if other, ok := d.first[st.Ino]; ok {
			line += " same as " + other
		} else {
			d.first[st.Ino] = name
		}
	}
	if st.Ino != dino {
		line += " (getdents told another inode)"
	}
	if st.Dev != d.dev {
		line += " (another st_dev)"
	}
	fmt.Fprintln(d.out, line+xattrs(path))
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		d.children(path, name)
	}
}

// largest is how many bytes of a file are compared: a sparse one may be endless.
const largest = 8 << 20

func contents(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return err.(*os.PathError).Err.Error()
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, io.LimitReader(f, largest)); err != nil {
		return err.(*os.PathError).Err.Error()
	}
	return fmt.Sprintf("%.8x", h.Sum(nil))
}

func xattrs(path string) string {
	buf := make([]byte, 1<<16)
	n, err := unix.Llistxattr(path, buf)
	if err != nil {
		return ""
	}
	var all []string
	for name := range strings.SplitSeq(string(buf[:n]), "\x00") {
		if name == "" {
			continue
		}
		value := make([]byte, 1<<16)
		m, err := unix.Lgetxattr(path, name, value)
		if err != nil {
			all = append(all, fmt.Sprintf(" %s: %v", name, err))
			continue
		}
		all = append(all, fmt.Sprintf(" %s=%q", name, value[:m]))
	}
	sort.Strings(all)
	return strings.Join(all, "")
}

// children descends by the raw entries, so that what getdents says of inode
// and type can be held against lstat.
func (d *dump) children(path, name string) {
	f, err := os.Open(path)
	if err != nil {
		fmt.Fprintf(d.out, "%s: %v\n", name, err.(*os.PathError).Err)
		return
	}
	defer f.Close()
	inos := map[string]uint64{}
	var names []string
	buf := make([]byte, 1<<16)
	for {
		n, err := unix.Getdents(int(f.Fd()), buf)
		if err != nil {
			fmt.Fprintf(d.out, "%s: getdents: %v\n", name, err)
			return
		}
		if n == 0 {
			break
		}
		for b := buf[:n]; len(b) > 0; {
			ino, reclen := le64(b), int(b[16])|int(b[17])<<8
			entry, _, _ := strings.Cut(string(b[19:reclen]), "\x00")
			b = b[reclen:]
			if entry == "." || entry == ".." {
				continue
			}
			if _, ok := inos[entry]; ok {
				fmt.Fprintf(d.out, "%s: %s listed twice\n", name, entry)
			}
			inos[entry] = ino
			names = append(names, entry)
		}
	}
	sort.Strings(names)
	for _, entry := range names {
		d.file(filepath.Join(path, entry), name+"/"+entry, inos[entry])
	}
}

func le64(b []byte) (v uint64) {
	for i := range 8 {
		v |= uint64(b[i]) << (8 * i)
	}
	return v
}

// dumpBy prints the tree of a place by a command that may lie in a view.
func dumpBy(t testing.TB, p *place, argv ...string) string {
	t.Helper()
	o := p.run(t, func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, dumpVariable+"="+p.work()) }, argv...)
	if o.status != 0 {
		t.Errorf("dump: status %d", o.status)
	}
	return o.output
}

// fingerprint tells all of the host's files in a place but the store: two are
// equal if nothing was changed, not even back and forth. The times of the
// directory for temporary files are left out, since veduta itself may make
// something there and take it away.
func fingerprint(t testing.TB, p *place) string {
	t.Helper()
	var b strings.Builder
	for _, name := range []string{"here", "home", "tmp"} {
		dir := filepath.Join(p.dir, name)
		fmt.Fprintf(&b, "%s:\n", name)
		d := dump{out: &b, exact: true, first: map[uint64]string{}}
		if name == "tmp" {
			d.children(dir, ".")
		} else if err := d.tree(dir); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}
