package launch

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"testing"

	"golang.org/x/sys/unix"
)

func TestPlanOverTheWire(t *testing.T) {
	for _, p := range []Plan{
		{},
		{Filter: []unix.SockFilter{{Code: 0xffff, Jt: 255, Jf: 1, K: 1<<32 - 1}, {K: 7}}, Notify: true, Dir: "/a\xff",
			Paths: []string{"/bin/x", ""}, Argv: []string{"", "a b\n"}, Env: []string{"A=1"}},
		{NoNewPrivs: true, Argv: []string{"x"}, Closed: []int{0, 2}},
	} {
		var b bytes.Buffer
		if err := sendPlan(&b, &p); err != nil {
			t.Fatal(err)
		}
		b.WriteString("go")
		var got Plan
		if err := receivePlan(&b, &got); err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("%+v came as %+v, %v", p, got, err)
		}
		if b.String() != "go" {
			t.Errorf("%q is left of the next message", b.String())
		}
	}
}

func TestReportOverTheWire(t *testing.T) {
	want := Report{Listener: -1, Errno: unix.ENOEXEC, Step: "execve", Path: "/x"}
	var b bytes.Buffer
	if err := sendReport(&b, &want); err != nil {
		t.Fatal(err)
	}
	if got, err := receiveReport(&b); err != nil || got != want {
		t.Errorf("%+v came as %+v, %v", want, got, err)
	}
}

func FuzzPlan(f *testing.F) {
	var b bytes.Buffer
	sendPlan(&b, &Plan{Filter: make([]unix.SockFilter, 2), Argv: []string{"a"}, Env: []string{"b"}})
	f.Add(b.Bytes())
	f.Add(binary.NativeEndian.AppendUint64(nil, mostMessage))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p Plan
		if receivePlan(bytes.NewReader(data), &p) != nil {
			return
		}
		var again bytes.Buffer
		sendPlan(&again, &p)
		var q Plan
		if err := receivePlan(&again, &q); err != nil || !reflect.DeepEqual(p, q) {
			t.Errorf("%+v came as %+v, %v", p, q, err)
		}
	})
}

func FuzzReport(f *testing.F) {
	var b bytes.Buffer
	sendReport(&b, &Report{Listener: 3, Errno: unix.ENOENT, Step: "execve", Path: "/x"})
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := receiveReport(bytes.NewReader(data))
		if err != nil {
			return
		}
		var again bytes.Buffer
		sendReport(&again, &r)
		if q, err := receiveReport(&again); err != nil || q != r {
			t.Errorf("%+v came as %+v, %v", r, q, err)
		}
	})
}
