package integration

import (
	"strings"
	"testing"
)

// TestMountFromOutside mounts in a view that runs, and takes away again, by
// veduta mount and umount.
func TestMountFromOutside(t *testing.T) {
	t.Parallel()
	const guest = `mkfifo ready go; echo >ready
ls at; cat at/f; (echo x >at/f) 2>/dev/null || echo refused; stat -f -c '%T %b %S' mem; stat -c %a mem; cat new
awk -v w="$PWD/" 'index($5, w) == 1 { print substr($5, length(w) + 1), $6 }' /proc/self/mountinfo
exec 3<at/f; echo >ready; read x <go; exec 3<&-; echo >ready; read x <go; ls at mem; cat new`
	const want = `f
text
refused
tmpfs 256 4096
700
text
at ro,nosuid,relatime
mem rw,relatime
new ro,relatime
at:

mem:
cat: new: No such file or directory
`
	for _, c := range callers() {
		for _, engine := range []string{"trace", "notify"} {
			t.Run(c.name+"/"+engine, func(t *testing.T) {
				t.Parallel()
				p := settled(t, c, map[string]string{"setup": "mkdir src at mem; echo text >src/f"})
				w := p.work()
				done := make(chan outcome)
				go func() {
					done <- p.run(t, nil, veduta, "run", "-0", "--engine", engine, "--", "sh", "-c", guest)
				}()
				ready := func() { p.must(t, "sh", "-c", "until [ -p ready ]; do :; done; read x <ready") }
				says := func(wrong string, argv ...string) {
					t.Helper()
					o := p.run(t, nil, append([]string{veduta}, argv...)...)
					if wrong == "" && (o.output != "" || o.status != 0) || !strings.Contains(o.output, wrong) || wrong != "" && o.status != 125 {
						t.Errorf("%q: status %d, %q", argv, o.status, o.output)
					}
				}
				p.must(t, "sh", "-c", "until [ -p ready ]; do :; done")
				says("", "mount", "-o", "ro,nosuid", w+"/src", w+"/at")
				says("", "mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "mine", w+"/mem")
				says("", "mount", "--ro-bind", w+"/src/f:"+w+"/new")
				says("no such file", "mount", w+"/src", w+"/none/at")
				says("must exist", "mount", w+"/none", w+"/at")
				says("not a directory", "mount", w+"/src", w+"/new")
				says("nothing is mounted", "umount", w+"/src")
				says("in use", "umount", "/")
				says("veduta ps lists", "mount", "none-such", "a", "b", "c")
				if o := p.run(t, nil, veduta, "mount"); !strings.Contains(o.output, "mine on @/here/mem type tmpfs (rw,relatime,size=1024k,mode=700)\n") {
					t.Errorf("listed: %s", o.output)
				}
				ready()
				ready()
				says("in use", "umount", w+"/at")
				p.must(t, "sh", "-c", "echo >go")
				ready()
				says("", "umount", w+"/at")
				says("", "umount", "-l", w+"/mem")
				says("", "umount", w+"/new")
				p.must(t, "sh", "-c", "echo >go")
				o := <-done
				if o.output != want {
					t.Errorf("the guest:\n%s", lineDiff(want, o.output))
				}
				says("no view is running", "mount")
			})
		}
	}
}

// A guest without the capability mounts nothing.
func TestMountByGuest(t *testing.T) {
	needOthers(t)
	p := newPlace(t, rootCaller)
	o := p.run(t, nil, veduta, "run", "-0", "--", "sh", "-c", `"$0" mount -t tmpfs x /mnt && setpriv --reuid 1000 --clear-groups -- "$0" mount -t tmpfs y /mnt; grep -c ' /mnt ' /proc/mounts`, veduta)
	if !strings.HasSuffix(o.output, "denied\n1\n") && !strings.HasSuffix(o.output, "not permitted\n1\n") {
		t.Errorf("a guest without a capability: %q", o.output)
	}
}
