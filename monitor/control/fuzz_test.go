package control

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
)

// FuzzQuestion: of what a client says no more than a question is read.
func FuzzQuestion(f *testing.F) {
	f.Add([]byte(`{"veduta":1,"ask":"ps"}` + "\n"))
	f.Add([]byte(`{"veduta":1e99}`))
	f.Add(bytes.Repeat([]byte("["), mostAsked+1))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		var q Question
		err := read(r, mostAsked, &q)
		if taken := len(b) - r.Len(); taken > mostAsked || err == nil && len(q.Ask) > mostAsked {
			t.Errorf("%d bytes taken", taken)
		}
	})
}

// FuzzAnswer: what a monitor says is understood as a monitor would say it.
func FuzzAnswer(f *testing.F) {
	b, err := json.Marshal(Answer{Version: Version, View: &View{Monitor: 1, Command: []string{"x"},
		Guests: []Guest{{PID: 2, Held: &Held{TID: 3, Seconds: 0.5}}}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"view":{"guests":[{"held":null},null]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var a, again Answer
		if read(bytes.NewReader(b), mostSaid, &a) != nil {
			return
		}
		said, err := json.Marshal(a)
		if err != nil {
			return // a year of five digits
		}
		if err := read(bytes.NewReader(said), mostSaid, &again); err != nil {
			t.Fatalf("%s: %v", said, err)
		}
		if more, err := json.Marshal(again); err != nil || !reflect.DeepEqual(more, said) {
			t.Errorf("%s became %s, %v", said, more, err)
		}
	})
}
