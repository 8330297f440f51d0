package integration

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// deadMount mounts a file system of which nobody ever answers a question, until
// the test ends.
func deadMount(t *testing.T, dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mount(2) wants root")
	}
	dev, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("this kernel has no FUSE: %v", err)
	}
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", dev.Fd())
	if err := unix.Mount("dead", dir, "fuse.dead", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
		dev.Close()
		t.Skipf("mount of a FUSE file system: %v", err)
	}
	t.Cleanup(func() {
		dev.Close() // everybody who waits gets ENOTCONN
		unix.Unmount(dir, unix.MNT_DETACH)
	})
}

// far has guests ask a dead file system in every way, and goes on with its own
// work.
const far = `
echo begun; echo x >f
way() { (exec "$@") >/dev/null 2>&1 & all="$all $!"; }
way stat $DEAD/f; way ls $DEAD; way touch $DEAD/f; way mkdir $DEAD/d; way rm -r $DEAD/d; way mv $DEAD/a $DEAD/b
way mv f $DEAD/b; way ln -s x $DEAD/l; way ln f $DEAD/l; way chmod 700 $DEAD/f; way cat $DEAD/f; way getfattr $DEAD/f
way chown 0 $DEAD/f; way find $DEAD; way realpath $DEAD/f/g; way $DEAD/prog; way truncate -s 0 $DEAD/f; way mkfifo $DEAD/p
(cd $DEAD/d) >/dev/null 2>&1 & all="$all $!"
(exec <$DEAD/f) >/dev/null 2>&1 & all="$all $!"
i=0
while [ $i -lt 100 ]; do
	mkdir d; echo x >d/f; mv d/f d/g; cat d/g >/dev/null; ls d >/dev/null; rm -r d; (:); i=$((i+1))
done
echo over
read go
kill -KILL $all
wait
echo end`

// TestFarFileSystem: a file system that does not answer keeps nobody waiting but
// those who ask it, and they can be killed.
func TestFarFileSystem(t *testing.T) {
	keep := func(v *view, c caller) bool {
		return c.uid == 0 && (v.name == "root" || v.name == "lab" || v.name == "cow")
	}
	eachView(t, keep, func(t *testing.T, v *view, engine string, c caller) {
		p := newPlace(t, c)
		dir := p.work() + "/dead"
		p.env = append(p.env, marker(p), "DEAD="+dir)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		deadMount(t, dir)
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		cmd := p.command(ctx, v.command(engine, "sh", "-c", far)...)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		r := bufio.NewReader(out)
		for _, want := range []string{"", "over\n", "end\n"} {
			line, err := r.ReadString('\n')
			if err != nil || want != "" && line != want {
				t.Errorf("the guest said %q (%v), want %q", line, err, want)
				break
			}
			if want == "over\n" {
				io.WriteString(in, "go\n")
			}
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the view ended with %v", err)
		}
		until(t, "all guests are gone", func() bool { return len(guests(p)) == 0 })
	})
}
