package cred_test

import (
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
)

func init() {
	children["calls"] = func(args []string) error { return compareCalls(int64(atoi(args[0])), atoi(args[1])) }
}

// TestCallsLikeKernel makes the same random calls of the kernel and of the
// model and compares the answers and the state after each.
func TestCallsLikeKernel(t *testing.T) {
	runChild(t, "calls", fmt.Sprint(*seedFlag), fmt.Sprint(*callsFlag))
}

func compareCalls(seed int64, calls int) error {
	const sequence = 30 // calls until a thread with the first credentials
	st := &tally{}
	for n := 0; n < calls; n += sequence {
		r := rand.New(rand.NewSource(seed + int64(n)))
		if err := onThread(func() error { return compareSequence(r, sequence, st) }); err != nil {
			return fmt.Errorf("seed %d: %w", seed+int64(n), err)
		}
	}
	fmt.Println(st)
	return nil
}

func compareSequence(r *rand.Rand, calls int, st *tally) error {
	prctl(unix.PR_SET_DUMPABLE, 1)
	model := current()
	var log strings.Builder
	for range calls {
		before := *model
		c := randCall(r, model)
		fmt.Fprintf(&log, "  %s\n", c.name)
		wantRet, want := c.kernel()
		gotRet, got := c.model(model)
		st.count(want)
		if want != got || !reflect.DeepEqual(wantRet, gotRet) {
			return fmt.Errorf("kernel %v %v, model %v %v\nbefore %+v\n%s", wantRet, want, gotRet, got, before, &log)
		}
		if err := sameState(model); err != nil {
			return fmt.Errorf("%w\nbefore %+v\n%s", err, before, &log)
		}
	}
	return nil
}

func sameState(model *cred.Cred) error {
	want, got := current(), model.Clone()
	if suidDumpable() != 0 { // the model is of the kernel's default
		got.Dumpable = want.Dumpable
	}
	if len(got.Groups) == 0 && len(want.Groups) == 0 {
		got.Groups = want.Groups
	}
	if !reflect.DeepEqual(want, got) {
		return fmt.Errorf("kernel %+v\n model %+v", *want, *got)
	}
	return nil
}

func suidDumpable() int { return sysctl("fs/suid_dumpable") }

// sysctl reads a number below /proc/sys; what cannot be read is 0.
func sysctl(name string) int {
	b, err := os.ReadFile("/proc/sys/" + name)
	if err != nil || len(b) == 0 {
		return 0
	}
	return atoi(strings.TrimSpace(string(b)))
}
