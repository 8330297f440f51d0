package cred_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
)

func init() {
	children["tasks"] = func(args []string) error { return compareTasks(int64(atoi(args[0]))) }
	children["target"] = func([]string) error { return runTarget(os.Stdin, os.Stdout) }
}

// TestTaskChecksLikeKernel compares the checks of signals and of ptrace access
// between random tasks of two processes.
func TestTaskChecksLikeKernel(t *testing.T) {
	needRoot(t)
	runChild(t, "tasks", fmt.Sprint(*seedFlag))
}

// target is the process that is acted upon: for each seed it gets it becomes
// someone on a thread and tells who and which.
type target struct {
	in          *json.Encoder
	out         *json.Decoder
	sameSession bool
}

type targetTask struct {
	TID  int
	Cred cred.Cred
}

func startTarget(sameSession bool) (*target, *exec.Cmd, io.Closer, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, nil, nil, err
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"=target")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: !sameSession}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, nil, err
	}
	return &target{json.NewEncoder(in), json.NewDecoder(out), sameSession}, cmd, in, cmd.Start()
}

func (t *target) become(seed int64) (task targetTask, err error) {
	if err = t.in.Encode(seed); err == nil {
		err = t.out.Decode(&task)
	}
	return task, err
}

func runTarget(in io.Reader, out io.Writer) error {
	seeds, tasks := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var seed int64
		if seeds.Decode(&seed) != nil {
			return nil
		}
		r := rand.New(rand.NewSource(seed))
		a := newActor(r)
		var task targetTask
		a.act(func() {
			prctl(unix.PR_SET_DUMPABLE, uintptr(b2i(r.Intn(3) != 0)))
			task = targetTask{unix.Gettid(), *current()}
		})
		if err := tasks.Encode(task); err != nil {
			return err
		}
	}
}

func compareTasks(seed int64) error {
	st := &tally{}
	for _, sameSession := range []bool{true, false} {
		t, cmd, in, err := startTarget(sameSession)
		if err != nil {
			return err
		}
		for n := range int64(500) {
			if err := compareTask(seed+n, t, cmd.Process.Pid, st); err != nil {
				return fmt.Errorf("seed %d: %w", seed+n, err)
			}
		}
		in.Close()
		if err := cmd.Wait(); err != nil {
			return err
		}
	}
	fmt.Println(st)
	return nil
}

func compareTask(seed int64, t *target, pid int, st *tally) error {
	task, err := t.become(seed)
	if err != nil {
		return err
	}
	actorSeed := -seed - 1
	if seed%3 == 0 { // the same user, so that it comes to what else counts
		actorSeed = seed
	}
	a := newActor(rand.New(rand.NewSource(actorSeed)))
	defer close(a.acts)
	tid := uintptr(task.TID)
	for _, c := range []struct {
		name   string
		kernel func() unix.Errno
		model  error
	}{
		{"signal 0", func() unix.Errno { return rawKill(pid, tid, 0) },
			a.cred.KillPermitted(&task.Cred, 0, t.sameSession)},
		{"SIGCONT", func() unix.Errno { return rawKill(pid, tid, unix.SIGCONT) },
			a.cred.KillPermitted(&task.Cred, unix.SIGCONT, t.sameSession)},
		{"get_robust_list", func() unix.Errno { return rawRobustList(tid) },
			a.cred.PtracePermitted(&task.Cred, false)},
		{"readlink of cwd", func() unix.Errno { return rawReadlink(fmt.Sprintf("/proc/%d/cwd", tid)) },
			a.cred.PtracePermitted(&task.Cred, true)},
	} {
		var kernel unix.Errno
		a.act(func() { kernel = c.kernel() })
		st.count(kernel)
		if (kernel == 0) != (c.model == nil) {
			return fmt.Errorf("%s: kernel %v, model %v\nby %+v\nto %+v", c.name, kernel, c.model, *a.cred, task.Cred)
		}
	}
	return nil
}
