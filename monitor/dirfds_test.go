package monitor

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// child is a process that has dir as descriptor 3, until the test ends.
func child(t *testing.T, dir *os.File) int {
	t.Helper()
	c := exec.Command("/bin/cat")
	if _, err := c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	c.ExtraFiles = []*os.File{dir}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	return c.Process.Pid
}

func opened(t *testing.T, p string) *os.File {
	t.Helper()
	f, err := os.Open(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func dup(t *testing.T, f *os.File) int {
	t.Helper()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 200)
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

func isOpen(fd int) bool {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil
}

func TestDirTable(t *testing.T) {
	f := opened(t, t.TempDir())
	other := opened(t, t.TempDir())
	pid := child(t, f)
	if _, _, e := unix.RawSyscall6(unix.SYS_KCMP, uintptr(self), uintptr(self), kcmpFile, 0, 0, 0); e == unix.ENOSYS {
		t.Skip("the kernel has no kcmp(2)")
	}
	if !same(pid, 3, int(f.Fd())) {
		t.Fatal("a child's descriptor is not known to be ours")
	}
	held := heldFDs.Load()
	d := new(vfs.Dir)
	table := &dirTable{users: 1}
	mine := dup(t, f)
	if !table.keep(3, mine, dirFD{dir: d, host: "/host"}) {
		t.Fatal("a descriptor was not kept")
	}
	if e, ok := table.find(pid, 3); !ok || e.dir != d || e.host != "/host" {
		t.Errorf("found %+v, %v", e, ok)
	}
	if _, ok := table.find(pid, 4); ok {
		t.Error("found a descriptor that was never kept")
	}
	forked := table.copied()
	table.joined() // as CLONE_FILES does
	table.leave()
	if _, ok := table.find(pid, 3); !ok {
		t.Error("forgotten while somebody still uses the table")
	}
	table.leave()
	if !isOpen(mine) {
		t.Error("closed while the copy holds it")
	}
	if _, ok := forked.find(pid, 3); !ok {
		t.Error("the copy does not have it")
	}
	// What is kept is not what the guest has any more.
	wrong := dup(t, other)
	if !forked.keep(3, wrong, dirFD{dir: d, host: "/other"}) {
		t.Fatal("a descriptor was not kept anew")
	}
	if isOpen(mine) {
		t.Error("open though nobody holds it")
	}
	if _, ok := forked.find(pid, 3); ok {
		t.Error("found what the guest does not have")
	}
	if isOpen(wrong) {
		t.Error("open though it was found to be wrong")
	}
	forked.leave()
	if n := heldFDs.Load(); n != held {
		t.Errorf("%d descriptors held, %d before", n, held)
	}
}

func TestDirTableBound(t *testing.T) {
	f := opened(t, t.TempDir())
	table := &dirTable{users: 1}
	kept := 0
	for fd := range mostHeld + 10 {
		mine := dup(t, f)
		if table.keep(fd, mine, dirFD{dir: nil, host: ""}) {
			kept++
		} else {
			unix.Close(mine)
		}
	}
	if kept != mostHeld {
		t.Errorf("%d kept, want %d", kept, mostHeld)
	}
	table.leave()
	if n := heldFDs.Load(); n != 0 {
		t.Errorf("%d descriptors held after all have left", n)
	}
}
