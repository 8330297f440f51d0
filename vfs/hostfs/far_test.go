package hostfs

import (
	"slices"
	"testing"
)

func TestFarIn(t *testing.T) {
	const info = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 0:5 / / rw - nfs4 server:/root rw
30 27 0:30 / /home rw,relatime shared:1 master:2 - nfs server:/home rw
31 27 0:31 / /mnt/with\040space rw,relatime - fuse.sshfs a:/ rw
32 27 0:32 / /mnt/x - y rw,relatime - ext4 /dev/vda rw
33 27 0:33 / /run/user/1000/doc rw - fuse.portal portal rw
`
	got, want := farIn([]byte(info)), []string{"/home", "/mnt/with space", "/run/user/1000/doc"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for p, far := range map[string]bool{
		"/home": true, "/home/a": true, "/homes": false, "/": false, "/mnt/with space/f": true, "/proc": false,
	} {
		if lies(want, p) != far {
			t.Errorf("%s: far is %v", p, !far)
		}
	}
}

func BenchmarkFar(b *testing.B) {
	f := FarBelow("/")
	b.ReportAllocs()
	for b.Loop() {
		f.Lies("/usr/share/doc", "gcc")
	}
}
