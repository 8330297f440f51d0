package seccomp

import (
	"math/rand/v2"
	"testing"
)

// TestHolds: a condition holds where the reference says so, and its lower half
// whatever the upper halves are.
func TestHolds(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	held := 0
	for range 20000 {
		word := func() uint64 { return words[random.IntN(len(words))] }
		c := Cond{Arg: random.IntN(6), Op: Op(random.IntN(5)), Mask: word(), Value: word()}
		if c.check() != nil {
			continue
		}
		var args, low [6]uint64
		for i := range args {
			args[i] = word()
			low[i] = args[i] & 0xffffffff
		}
		if got, want := c.Holds(&args), c.holds(args[c.Arg]); got != want {
			t.Fatalf("%+v of %#x: %v, want %v", c, args, got, want)
		} else if got {
			held++
		}
		half := c.Low()
		if half.check() == nil && half.Holds(&args) != half.Holds(&low) {
			t.Fatalf("%+v of %#x: the upper halves count", half, args)
		}
	}
	if held < 1000 {
		t.Errorf("only %d conditions held", held)
	}
}
