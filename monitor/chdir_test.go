package monitor

import "testing"

func TestBelow(t *testing.T) {
	for _, x := range []struct{ p, root, want string }{
		{"/a", "/a", "/"}, {"/a/b", "/a", "/b"}, {"/ab", "/a", "(unreachable)/ab"}, {"/", "/a", "(unreachable)/"}, {"/a", "/a/b", "(unreachable)/a"},
	} {
		if got := below(x.p, x.root); got != x.want {
			t.Errorf("%s below %s is %s, want %s", x.p, x.root, got, x.want)
		}
	}
}
