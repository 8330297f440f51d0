package integration

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/rogpeppe/go-internal/diff"
)

// survey tells inode, size and times of every file in a sample of the system.
func survey(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, root := range []string{"/etc", "/usr/bin", "/var/lib/dpkg", "/usr/share/doc"} {
		filepath.WalkDir(root, func(p string, _ fs.DirEntry, err error) error {
			var st unix.Stat_t
			if unix.Lstat(p, &st) == nil {
				fmt.Fprintf(&b, "%s %o %d %d %d %d.%d %d.%d\n", p, st.Mode, st.Uid, st.Ino, st.Size, st.Mtim.Sec, st.Mtim.Nsec, st.Ctim.Sec, st.Ctim.Nsec)
			}
			return nil
		})
	}
	return b.String()
}

// TestConfinement: what is written in a copy-on-write view stays in its layer.
// The script harms nothing that matters, should it not.
func TestConfinement(t *testing.T) {
	const script = `
cd /usr/share/doc || exit 1
set -e
mkdir veduta-it; echo x > veduta-it/f; mv veduta-it veduta-it2; rm -r veduta-it2
for d in $(ls | head -30); do chmod go-w $d; touch $d; touch $d/veduta-it; rm $d/veduta-it; done
f=$(find . -type f | sort | head -1); cp -p $f $f.it; mv $f.it $f; chmod 644 $f; touch $f; ln $f veduta-link; rm veduta-link
touch /etc/veduta-it /usr/bin/veduta-it /etc/passwd; mkdir /var/lib/dpkg/veduta-it; chown 0:0 /etc/passwd
rm /etc/veduta-it /usr/bin/veduta-it; rmdir /var/lib/dpkg/veduta-it; echo done`
	before := survey(t)
	if strings.Count(before, "\n") < 100 {
		t.Fatalf("the sample is too small:\n%s", before)
	}
	keep := func(v *view, c caller) bool { return v.cow && (v.root || c.uid == 0) }
	t.Run("views", func(t *testing.T) {
		eachView(t, keep, func(t *testing.T, v *view, engine string, c caller) {
			p := newPlace(t, c)
			argv := together("sh", "-c", script)
			if o := p.run(t, nil, v.command(engine, argv...)...); o.status != 0 || !strings.HasPrefix(o.output, "done\n") {
				t.Errorf("status %d\n%s", o.status, o.output)
			}
		})
	})
	if d := diff.Diff("before", []byte(before), "after", []byte(survey(t))); d != nil {
		t.Errorf("the host changed:\n%s", d)
	}
}
