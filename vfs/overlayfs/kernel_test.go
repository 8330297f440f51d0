package overlayfs_test

import (
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/vfstest"
	"golang.org/x/sys/unix"
)

// mountOverlay mounts the kernel's.
func mountOverlay(t *testing.T, at, opts string) {
	t.Helper()
	no(t, os.MkdirAll(at, 0o755))
	if err := unix.Mount("overlay", at, "overlay", 0, opts); err != nil {
		t.Fatalf("mount %s: %v", opts, err)
	}
	t.Cleanup(func() { unix.Unmount(at, unix.MNT_DETACH) })
}

// TestAgainstKernel applies the same operations to the kernel's overlayfs and
// to ours and compares every answer and the trees; then the kernel mounts what
// ours has written.
func TestAgainstKernel(t *testing.T) {
	if !vfstest.Mounting(t) {
		return
	}
	seeds := int64(60)
	if n, err := strconv.ParseInt(os.Getenv("VEDUTA_SEEDS"), 10, 64); err == nil {
		seeds = n
	}
	for _, native := range []bool{true, false} {
		for seed := range seeds {
			t.Run(fmt.Sprintf("native=%v/%d", native, seed), func(t *testing.T) { against(t, native, seed) })
		}
	}
}

func against(t *testing.T, native bool, seed int64) {
	b := newBed(t, native)
	k := newBed(t, true)
	r := vfstest.Random{R: rand.New(rand.NewSource(seed)), Root: true}
	r.Populate(vfstest.Host(b.lower), 30)
	if out, err := exec.Command("cp", "-a", b.lower+"/.", k.lower).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	mnt := k.dir + "/mnt"
	mountOverlay(t, mnt, fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s,redirect_dir=on,index=on", k.lower, k.upper, k.work))
	fs := b.open()
	ours, kernel := vfstest.Ours{FS: fs}, vfstest.Host(mnt)
	var log []string
	for i := range 120 {
		op := r.Next()
		if !op.Reachable(kernel) {
			continue
		}
		want, got := vfs.Errno(op.Do(kernel)), vfs.Errno(op.Do(ours))
		if want == unix.EACCES {
			return // fs.protected_*, a permission, which is the caller's to check
		}
		log = append(log, fmt.Sprintf("%s: %v", op.Text, want))
		if want != got {
			t.Errorf("%s: kernel %d (%v), ours %d (%v)", op.Text, want, want, got, got)
		}
		if t.Failed() || i%10 == 9 && !vfstest.Compare(t, op.Text, vfstest.Take(t, kernel), vfstest.Take(t, ours)) {
			break
		}
	}
	shot := vfstest.Take(t, ours)
	vfstest.Compare(t, "tree", vfstest.Take(t, kernel), shot)
	if t.Failed() {
		for _, l := range log[max(0, len(log)-25):] {
			t.Log(l)
		}
		return
	}
	no(t, fs.Close())
	vfstest.Compare(t, "opened again", shot, vfstest.Take(t, vfstest.Ours{FS: b.open()}))
	if native {
		mountOurs(t, b, shot)
	}
}

// mountOurs lets the kernel show what ours has written. It follows no redirect
// under userxattr, and does not know our index, so files of several names are
// left out.
func mountOurs(t *testing.T, b *bed, shot vfstest.Shot) {
	out, _ := exec.Command("grep", "-rc", "redirect", filepath.Dir(b.work)+"/origins").Output()
	if strings.TrimSpace(string(out)) != "0" {
		return
	}
	mnt, work := b.dir+"/ours", b.dir+"/kernelwork"
	no(t, os.Mkdir(work, 0o755))
	no(t, os.Rename(work, filepath.Dir(b.upper)+"/kernelwork"))
	mountOverlay(t, mnt, fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s,userxattr", b.lower, b.upper, filepath.Dir(b.upper)+"/kernelwork"))
	linked := map[string]bool{}
	for _, l := range shot {
		if strings.Contains(l, " links=") && !strings.Contains(l, " links=1 ") {
			linked[strings.Fields(l)[0]] = true
		}
	}
	links := regexp.MustCompile(` links=\d+ of=\S+`)
	plain := func(s vfstest.Shot) (out vfstest.Shot) {
		for _, l := range s {
			if !linked[strings.Fields(l)[0]] {
				out = append(out, links.ReplaceAllString(l, ""))
			}
		}
		return out
	}
	vfstest.Compare(t, "our upper layer, mounted by the kernel", plain(shot), plain(vfstest.Take(t, vfstest.Host(mnt))))
}
