package cred_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/vfs"
)

func init() {
	children["execs"] = func(args []string) error {
		return compareExecs(args[0], int64(atoi(args[1])), atoi(args[2]))
	}
	children["show"] = func([]string) error { return show() }
}

// shown is what the executed program finds itself to be.
type shown struct {
	Cred   cred.Cred
	Secure bool
}

func show() error {
	if err := json.NewEncoder(os.Stdout).Encode(shown{*current(), atSecure()}); err != nil {
		return err
	}
	// Past os.Exit, in which the race detector sleeps a second; GORACE does
	// not reach it in a set-id program.
	unix.Exit(0)
	return nil
}

func atSecure() bool {
	const atSecure = 23 // AT_SECURE
	auxv, _ := unix.Auxv()
	for _, a := range auxv {
		if a[0] == atSecure {
			return a[1] != 0
		}
	}
	return false
}

// TestExecLikeKernel executes a copy of this test, with random owners, set-id
// bits and capabilities, as random users.
func TestExecLikeKernel(t *testing.T) {
	needRoot(t)
	if !kernelAtLeast(6, 16) {
		t.Skip("Linux 6.16 changed what counts as a set-id exec; the model is of the newer rule")
	}
	dir := openDir(t)
	copySelf(t, filepath.Join(dir, "prog"))
	runChild(t, "execs", dir, fmt.Sprint(*seedFlag), fmt.Sprint(*execsFlag))
}

func copySelf(t *testing.T, to string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(exe)
	if err == nil {
		err = os.WriteFile(to, b, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func compareExecs(dir string, seed int64, execs int) error {
	prog, st := filepath.Join(dir, "prog"), &tally{}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return err
	}
	for n := range int64(execs) {
		r := rand.New(rand.NewSource(seed + n))
		file, err := randProgram(r, prog)
		if err != nil {
			return err
		}
		file.NoSuid = fs.Flags&unix.ST_NOSUID != 0
		err = onThread(func() error {
			prctl(unix.PR_SET_DUMPABLE, 1)
			return compareExec(becomeExecutor(r), prog, file, st)
		})
		if err != nil {
			return fmt.Errorf("seed %d: %w", seed+n, err)
		}
	}
	fmt.Println(st)
	return nil
}

func randProgram(r *rand.Rand, prog string) (cred.FileID, error) {
	mode := []uint32{0, unix.S_ISUID, unix.S_ISGID, unix.S_ISUID | unix.S_ISGID}[r.Intn(4)]
	mode |= []uint32{0o755, 0o755, 0o711, 0o745, 0o654}[r.Intn(5)]
	file := cred.FileID{Mode: unix.S_IFREG | mode, UID: randOwner(r), GID: randOwner(r)}
	if err := unix.Chown(prog, int(file.UID), int(file.GID)); err != nil { // removes capabilities
		return file, err
	}
	if err := unix.Chmod(prog, mode); err != nil {
		return file, err
	}
	if r.Intn(2) == 0 {
		return file, nil
	}
	file.Caps = &cred.VFSCaps{Revision: 2 + r.Intn(2), Effective: r.Intn(2) == 0}
	if file.Caps.Revision == 3 && r.Intn(2) == 0 {
		file.Caps.RootID = 1000
	}
	for range r.Intn(4) {
		file.Caps.Permitted |= 1 << randCap(r)
		file.Caps.Inheritable |= 1 << randCap(r)
	}
	return file, unix.Setxattr(prog, cred.XattrCaps, file.Caps.Bytes(), 0)
}

// becomeExecutor makes this thread someone with all that exec looks at.
func becomeExecutor(r *rand.Rand) *cred.Cred {
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	rawCap(unix.SYS_CAPGET, &hdr, data[:])
	if r.Intn(2) == 0 {
		for i := range data {
			data[i].Inheritable = data[i].Permitted & r.Uint32()
		}
		rawCap(unix.SYS_CAPSET, &hdr, data[:])
	}
	for range r.Intn(4) { // after, so that inheritable ones may lie outside
		prctl(unix.PR_CAPBSET_DROP, uintptr(randCap(r)))
	}
	for range r.Intn(3) {
		prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, uintptr(randCap(r)))
	}
	bits := uintptr(r.Intn(2)*cred.SECBIT_NOROOT | r.Intn(2)*cred.SECBIT_KEEP_CAPS)
	if r.Intn(4) != 0 {
		become(r) // drops to few capabilities, so that ambient ones show
	}
	prctl(unix.PR_SET_SECUREBITS, bits)
	if r.Intn(4) == 0 {
		prctl(unix.PR_SET_NO_NEW_PRIVS, 1)
	}
	return current()
}

func compareExec(before *cred.Cred, prog string, file cred.FileID, st *tally) error {
	out, err := execShow(prog)
	var attr vfs.Attr
	attr.Mode, attr.Uid, attr.Gid = uint16(file.Mode), file.UID, file.GID
	want, got := vfs.Errno(err), vfs.Errno(before.May(&attr, unix.X_OK))
	var after *cred.Cred
	var secure bool
	if got == 0 {
		after, secure, got = before.Exec(file)
	}
	st.count(want)
	story := fmt.Sprintf("file %+v %+v\nbefore %+v", file, file.Caps, *before)
	if want != got {
		return fmt.Errorf("kernel %v, model %v\n%s", want, got, story)
	}
	if want != 0 {
		return nil
	}
	var kernel shown
	if err := json.Unmarshal(out, &kernel); err != nil {
		return fmt.Errorf("%w: %q", err, out)
	}
	if suidDumpable() != 0 {
		kernel.Cred.Dumpable = after.Dumpable
	}
	if !reflect.DeepEqual(kernel, shown{*after, secure}) {
		return fmt.Errorf("%s\nkernel %+v\n model %+v", story, kernel, shown{*after, secure})
	}
	return nil
}

// execShow has this thread fork and the child execute prog, which shows what
// it became.
func execShow(prog string) ([]byte, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	pid, err := syscall.ForkExec(prog, []string{prog}, &syscall.ProcAttr{
		Env:   []string{childEnv + "=show"},
		Files: []uintptr{0, w.Fd(), 2},
	})
	w.Close()
	if err != nil {
		return nil, unix.Errno(err.(syscall.Errno))
	}
	out, err := io.ReadAll(r)
	var ws unix.WaitStatus
	if _, err := unix.Wait4(pid, &ws, 0, nil); err != nil {
		return nil, err
	}
	return out, err
}
