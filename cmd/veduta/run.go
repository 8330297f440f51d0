package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/monitor"
	"github.com/veduta/veduta/ptrace/launch"
	"github.com/veduta/veduta/ptrace/seccomp"
	"github.com/veduta/veduta/session"
)

func runCommand() (*pflag.FlagSet, action) { return (&running{}).setup("run") }

func tryCommand() (*pflag.FlagSet, action) { return (&running{try: true}).setup("try") }

// running is one `veduta run` or `veduta try`.
type running struct {
	try     bool
	front   bool // the terminal was ours when the command began
	flags   viewFlags
	session *session.Session
	made    bool // the session is new
	store   *session.Store
	monitor *monitor.Monitor
	scratch *session.Scratch
	mounts  *newMounts
}

func (r *running) setup(name string) (*pflag.FlagSet, action) {
	return r.flags.flagSet(name), func(rest []string) (int, error) {
		if err := r.flags.check(); err != nil {
			return exitVeduta, err
		}
		return r.run(rest)
	}
}

func (r *running) run(rest []string) (status int, err error) {
	env, err := r.flags.environ("")
	if err != nil {
		return exitVeduta, err
	}
	argv := r.flags.argv(rest, env)
	out, err := r.output()
	if err != nil {
		return exitVeduta, err
	}
	if err := r.open(argv); err != nil {
		return exitVeduta, err
	}
	if r.session != nil {
		env = setenv(env, "VEDUTA_VIEW="+r.session.Name())
		defer r.session.Close()
	}
	cmd := monitor.Command{Paths: candidates(argv[0], env), Argv: argv, Env: env, Dir: r.flags.workdir, Slack: r.flags.slack}
	defer func() { err = errors.Join(err, r.scratch.Close()) }()
	if err = r.build(out); err == nil {
		cmd.Notify, err = r.notify()
	}
	if err != nil {
		r.giveUp()
		return exitVeduta, err
	}
	return r.execute(cmd, out)
}

// execute runs the command and closes the books.
func (r *running) execute(cmd monitor.Command, out io.Writer) (int, error) {
	var before session.Meta
	if r.session != nil {
		before = r.session.Meta()
		if err := r.session.Start(); full(err) {
			say("%v; it runs all the same, so that room can be made", err)
		} else if err != nil {
			r.giveUp()
			return exitVeduta, err
		}
	}
	started := false
	cmd.Started = func(int) {
		started = true
		// Every child is traced, and so reported without it; it would wake a
		// thread for each guest that ends. The command did not inherit this.
		signal.Ignore(unix.SIGCHLD)
	}
	defer signal.Reset(unix.SIGCHLD)
	o, err := r.guests(cmd)
	var ee *launch.ExecError
	switch {
	case errors.As(err, &ee):
		r.restore(before)
		return launchFailure(&cmd, ee)
	case err != nil && !started:
		r.restore(before)
		return exitVeduta, err
	case err != nil:
		return exitVeduta, r.broken(err)
	}
	if r.flags.stats {
		r.tellStats(&o.Stats, out)
	}
	status := exitStatus(o.Status)
	if r.session == nil {
		return status, nil
	}
	if r.session.Meta().Transient {
		if err := r.store.Drop(r.session); err != nil {
			return exitVeduta, err
		}
		return status, nil
	}
	if err := r.session.End(status); full(err) {
		say("%v; it will look as if it had been killed", err)
	} else if err != nil {
		return exitVeduta, err
	}
	return r.finish(status)
}

// full tells that there was no room for what had to be written.
func full(err error) bool { return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) }

// guests runs the command until the last guest has left.
func (r *running) guests(cmd monitor.Command) (monitor.Outcome, error) {
	// The monitor makes modes by hand and leaves the umask empty; a commit
	// afterwards is to have the caller's.
	mask := unix.Umask(0)
	unix.Umask(mask)
	defer unix.Umask(mask)
	r.front = foreground()
	stop := r.forwardSignals()
	defer stop()
	defer r.serveControl(cmd.Argv)()
	return r.monitor.Run(cmd)
}

// broken is for a view that failed while its guests ran. What they wrote is
// kept, for nobody else has it.
func (r *running) broken(err error) error {
	if r.session == nil {
		return err
	}
	r.session.End(exitVeduta)
	return fmt.Errorf("%w; session %s is kept", err, r.session.Name())
}

// restore is for a command that was not run: a new session is forgotten, another
// one is as it was.
func (r *running) restore(before session.Meta) {
	if r.session != nil && !r.made {
		r.session.Update(func(m *session.Meta) { *m = before })
	}
	r.giveUp()
}

func exitStatus(s unix.WaitStatus) int {
	if s.Signaled() {
		return 128 + int(s.Signal())
	}
	return s.ExitStatus()
}

// build makes the view and its monitor.
func (r *running) build(out io.Writer) error {
	b := builder{flags: &r.flags, session: r.session, try: r.try}
	if r.store != nil {
		b.store = r.store.Dir()
	}
	b.status = func(tid int, key string, host []byte) (string, bool) { return r.monitor.StatusLine(tid, key, host) }
	b.socket = func(name string) (string, bool) { return r.monitor.SocketName(name) }
	b.path = func(host string) (string, bool) { return r.monitor.ViewPath(host) }
	b.auxv = func(tid int, aux []byte) { r.monitor.Auxv(tid, aux) }
	b.table = func(tid int, file string) ([]byte, bool) { return r.monitor.MountTable(tid, file) }
	b.fdinfo = func(tid, fd int, host []byte) []byte { return r.monitor.FDInfo(tid, fd, host) }
	b.sealed = func(tid int) bool { return r.monitor.Sealed(tid) }
	var err error
	if b.initial, err = r.flags.identity(r.session != nil); err != nil {
		return err
	}
	list, err := b.modules()
	r.scratch = b.scratch
	if err != nil {
		return err
	}
	view, err := modules.Stack(modules.Host(), list...)
	if err != nil {
		return err
	}
	view.Between = b.between
	var log *monitor.Log
	if r.flags.tracing {
		if log, err = monitor.NewLog(out, r.flags.traceSet()); err != nil {
			return fmt.Errorf("--trace: %w", err)
		}
	}
	r.monitor, err = monitor.New(view, log, say)
	r.scratch = b.scratch
	if err != nil {
		return err
	}
	r.mounts = &newMounts{b: &b, view: view, opened: func(s *session.Scratch) { r.scratch = s }}
	r.monitor.Mounter = r.mounts
	return nil
}

// output is where --trace and --stats go.
func (r *running) output() (io.Writer, error) {
	if r.flags.output == "" {
		return os.Stderr, nil
	}
	f, err := os.Create(r.flags.output)
	if err != nil {
		return nil, fmt.Errorf("-o: %w", err)
	}
	return f, nil
}

// notify tells whether to use user notifications.
func (r *running) notify() (bool, error) {
	if r.flags.engine == "trace" {
		return false, nil
	}
	features := seccomp.Probe()
	err := monitor.Notifiable(&features)
	if err != nil && r.flags.engine == "notify" {
		return false, fmt.Errorf("--engine notify: %w; use --engine auto", err)
	}
	return err == nil, nil
}

func (r *running) tellStats(s *monitor.Stats, out io.Writer) {
	if r.flags.json {
		e := json.NewEncoder(out)
		e.SetIndent("", "\t")
		e.Encode(s)
		return
	}
	s.Print(out)
}
