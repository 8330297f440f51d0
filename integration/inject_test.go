package integration

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// enduring works on files whatever becomes of it, says so at each round, and at
// the end finds everything in order.
const enduring = `i=0
while [ ! -e stop ]; do
	{ mkdir d; echo x >d/f; ln d/f d/g; mv d/f d/h; ln -s h d/l; cat d/l; chmod 600 d/h; touch -d @1 d/h; ls -la d; echo y >>big; echo y >>low$((i%20))
	cp big c; (cd d && pwd); stat big; find d; rm -r d; } >/dev/null 2>&1
	i=$((i+1)); echo $i
done 2>/dev/null
rm -rf d c; mkdir d && echo fine >d/f && cat d/f && rm -r d && echo end`

// faults are what the kernel may answer the monitor, and at which calls.
var faults = []string{
	"openat:error=EIO:when=3+7", "openat:error=EMFILE:when=1+2", "statx:error=EIO:when=3+7", "mkdirat:error=ENOSPC",
	"process_vm_readv:error=EFAULT:when=5+11", "kcmp:error=ENOMEM", "fcntl:error=EIO:when=2+5", "linkat:error=ENOSPC",
	"fsetxattr,setxattr,lsetxattr:error=EDQUOT", "copy_file_range:error=EIO", "readlinkat,readlink:error=ENOMEM:when=1+3",
	"pidfd_open,pidfd_getfd:error=ENFILE", "getdents64:error=EIO",
}

// TestFaultsOfTheMonitor has the monitor's own system calls fail. Its guests get
// an error, none dies or waits for ever, and when the calls work again so does
// everything.
func TestFaultsOfTheMonitor(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not installed")
	}
	some := faults[:3]
	if os.Getenv("VEDUTA_TEST_FAULTS") != "" {
		some = faults
	}
	for _, engine := range []string{"trace", "notify"} {
		for _, fault := range some {
			t.Run(engine+"/"+fault, func(t *testing.T) {
				t.Parallel()
				p := newPlace(t, callers()[0])
				p.env = append(p.env, marker(p))
				p.must(t, "sh", "-c", "head -c 100000 /dev/zero >big; for i in 0 1 2 3 4 5 6 7 8 9; do cp big low$i; cp big low1$i; done")
				survive(t, p, engine, fault)
				until(t, "all guests are gone", func() bool { return len(guests(p)) == 0 })
				p.must(t, veduta, "status", "it")
				p.must(t, veduta, "run", "--cow", "-0", "--session", "it", "--", "cat", "big")
				p.must(t, veduta, "discard", "it")
			})
		}
	}
}

// survive runs a guest under a monitor whose calls fail for a while.
func survive(t *testing.T, p *place, engine, fault string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := p.command(ctx, veduta, "run", "--engine", engine, "--cow", "-0", "--session", "it", "--", "sh", "-c", enduring)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	rounds := func(n int) {
		for range n {
			if !lines.Scan() {
				t.Fatalf("the guest has ended; veduta said:\n%s", &said)
			}
		}
	}
	rounds(2)
	log := filepath.Join(p.dir, "injected")
	strace := exec.CommandContext(ctx, "strace", "-qq", "-f", "-o", log, "-p", strconv.Itoa(cmd.Process.Pid),
		"-e", "trace="+strings.Split(fault, ":")[0], "-e", "inject="+fault)
	if err := strace.Start(); err != nil {
		t.Fatal(err)
	}
	attached := func() bool {
		b, _ := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/status")
		return !strings.Contains(string(b), "\nTracerPid:\t0\n")
	}
	if until(t, "strace has the monitor", attached) {
		rounds(4)
	}
	strace.Process.Signal(syscall.SIGINT)
	strace.Wait()
	if b, _ := os.ReadFile(log); !strings.Contains(string(b), "(INJECTED)") {
		t.Logf("no such call was made: %s", fault)
	}
	if err := os.WriteFile(p.work()+"/stop", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	last := ""
	for lines.Scan() {
		last = lines.Text()
	}
	if err := cmd.Wait(); err != nil || last != "end" || strings.Contains(said.String(), "report this") {
		t.Errorf("it ended with %v, the last line is %q; veduta said:\n%s", err, last, &said)
	}
}

// TestFullStore: where the session has no room, guests get ENOSPC, and their exit
// status is kept; with room again the session goes on.
func TestFullStore(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mount(2) wants root")
	}
	for _, engine := range []string{"trace", "notify"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, rootCaller)
			if err := unix.Mount("none", p.dir+"/store", "tmpfs", 0, "size=1m,mode=700"); err != nil {
				t.Skipf("mount of a tmpfs: %v", err)
			}
			t.Cleanup(func() { unix.Unmount(p.dir+"/store", unix.MNT_DETACH) })
			if err := os.WriteFile(p.work()+"/big", make([]byte, 2_000_000), 0o666); err != nil {
				t.Fatal(err)
			}
			run := func(script string) outcome {
				return p.run(t, nil, veduta, "run", "--engine", engine, "--cow", "-0", "--session", "it", "--", "sh", "-c", script)
			}
			o := run("cat /dev/zero >fill; echo x >>big; chmod 600 big; ln -s x l; rm big && ls; exit 3")
			if o.status != 3 || strings.Count(o.output, "No space left on device") < 2 {
				t.Errorf("status %d\n%s", o.status, o.output)
			}
			o = run("rm fill; echo more >more; cat more; ls")
			if o.status != 0 || !strings.HasSuffix(o.output, "more\nl\nmore\n") {
				t.Errorf("with room again: status %d\n%s", o.status, o.output)
			}
			if b, err := os.ReadFile(p.work() + "/big"); err != nil || len(b) != 2_000_000 {
				t.Errorf("the real file has %d bytes, %v", len(b), err)
			}
			p.must(t, veduta, "discard", "it")
		})
	}
}
