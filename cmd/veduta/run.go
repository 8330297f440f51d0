package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/monitor"
	"github.com/veduta/veduta/ptrace/launch"
	"github.com/veduta/veduta/ptrace/seccomp"
	"github.com/veduta/veduta/session"
)

func runCommand(args []string) int { return (&running{name: "run"}).main(args) }

func tryCommand(args []string) int { return (&running{name: "try", try: true}).main(args) }

// running is one `veduta run` or `veduta try`.
type running struct {
	name    string
	try     bool
	flags   viewFlags
	session *session.Session
	made    bool // the session is new
	store   *session.Store
	monitor *monitor.Monitor
	log     io.Writer
}

func (r *running) main(args []string) int {
	rest, help, err := r.flags.parse(r.name, args)
	switch {
	case help:
		helpFor(os.Stdout, r.name, r.flags.flagSet(r.name))
		return 0
	case err != nil:
		return fail("%v", err)
	}
	status, err := r.run(rest)
	if err != nil {
		say("%v", err)
	}
	return status
}

func (r *running) run(rest []string) (status int, err error) {
	env, err := r.flags.environ("")
	if err != nil {
		return exitVeduta, err
	}
	argv := r.flags.argv(rest, env)
	if err := r.open(argv); err != nil {
		return exitVeduta, err
	}
	if r.session != nil {
		env = setenv(env, "VEDUTA_VIEW="+r.session.Name())
		defer r.session.Close()
	}
	out, err := r.output()
	if err != nil {
		return exitVeduta, err
	}
	if err := r.build(out); err != nil {
		r.giveUp()
		return exitVeduta, err
	}
	cmd := monitor.Command{Paths: candidates(argv[0], env), Argv: argv, Env: env, Dir: r.flags.workdir}
	if cmd.Notify, err = r.notify(); err != nil {
		r.giveUp()
		return exitVeduta, err
	}
	return r.execute(cmd, out)
}

// execute runs the command and closes the books.
func (r *running) execute(cmd monitor.Command, out io.Writer) (int, error) {
	stop := r.forwardSignals()
	if r.session != nil {
		if err := r.session.Start(); err != nil {
			return exitVeduta, err
		}
	}
	o, err := r.monitor.Run(cmd)
	stop()
	var ee *launch.ExecError
	if errors.As(err, &ee) {
		r.giveUp()
		if errors.Is(ee, unix.ENOENT) {
			return exitNotFound, fmt.Errorf("%s: not found", cmd.Argv[0])
		}
		return exitNotExecutable, fmt.Errorf("%s: cannot be executed: %w", cmd.Argv[0], ee.Errno)
	}
	if err != nil {
		r.giveUp()
		return exitVeduta, err
	}
	if r.flags.stats {
		r.tellStats(&o.Stats, out)
	}
	status := exitStatus(o.Status)
	if r.session == nil {
		return status, nil
	}
	if err := r.session.End(status); err != nil {
		return status, err
	}
	return r.finish(status)
}

func exitStatus(s unix.WaitStatus) int {
	if s.Signaled() {
		return 128 + int(s.Signal())
	}
	return s.ExitStatus()
}

// open opens or makes the session that a copy-on-write view needs.
func (r *running) open(argv []string) error {
	f := &r.flags
	if !r.try && !f.cow && f.session == "" {
		return nil
	}
	var err error
	if r.store, err = session.Open(); err != nil {
		return err
	}
	if f.session != "" {
		r.session, err = r.store.OpenSession(f.session, true)
		if err == nil {
			return nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	meta, err := r.meta(argv)
	if err != nil {
		return err
	}
	if r.session, err = r.store.Create(f.session, meta); err != nil {
		return err
	}
	r.made = true
	return nil
}

// meta describes a new session.
func (r *running) meta(argv []string) (session.Meta, error) {
	m := session.Meta{Command: argv, Hostname: r.flags.hostname, Cow: []string{"/"}}
	m.Cwd, _ = os.Getwd()
	m.Identity = session.Identity{RealUID: uint32(unix.Getuid()), RealGID: uint32(unix.Getgid())}
	m.Identity.ViewUID, m.Identity.ViewGID = m.Identity.RealUID, m.Identity.RealGID
	if r.flags.root {
		m.Identity.ViewUID, m.Identity.ViewGID = 0, 0
	}
	m.Native = unix.Geteuid() == 0 && probeNative(r.store.Dir())
	return m, nil
}

// giveUp forgets a session that was made for nothing.
func (r *running) giveUp() {
	if r.session == nil || !r.made {
		return
	}
	name := r.session.Name()
	r.session.Close()
	r.store.Remove(name)
}

// build makes the view and its monitor.
func (r *running) build(out io.Writer) error {
	b := builder{flags: &r.flags, session: r.session, try: r.try}
	if r.store != nil {
		b.store = r.store.Dir()
	}
	b.status = func(tid int, key string) (string, bool) { return r.monitor.StatusLine(tid, key) }
	var err error
	if b.initial, err = r.flags.identity(r.session != nil); err != nil {
		return err
	}
	list, err := b.modules()
	if err != nil {
		return err
	}
	view, err := modules.Stack(modules.Host(), list...)
	if err != nil {
		return err
	}
	var log *monitor.Log
	if r.flags.trace != "-" {
		if log, err = monitor.NewLog(out, r.flags.trace); err != nil {
			return fmt.Errorf("--trace: %w", err)
		}
	}
	r.monitor, err = monitor.New(view, log, say)
	return err
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

// forwardSignals lets veduta behave towards signals as the command would: what
// the terminal sends reaches the command by itself, since it is in the same
// process group; what is sent to veduta alone is passed on.
func (r *running) forwardSignals() (stop func()) {
	fromTerminal := []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGWINCH}
	passed := []os.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGCONT}
	if !foreground() {
		passed = append(passed, syscall.SIGINT, syscall.SIGQUIT)
	}
	ch := make(chan os.Signal, 16)
	signal.Notify(ch, append(append([]os.Signal{}, fromTerminal...), passed...)...)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case s := <-ch:
				for _, p := range passed {
					if s == p {
						r.monitor.Signal(unix.Signal(s.(syscall.Signal)))
					}
				}
			case <-done:
				return
			}
		}
	}()
	r.monitor.OnStop(func(sig unix.Signal) {
		// The shell that waits for us has to see the stop.
		unix.Kill(unix.Getpid(), unix.SIGSTOP)
	})
	return func() {
		signal.Stop(ch)
		close(done)
	}
}

// foreground tells whether veduta is in the foreground of a terminal, where
// Ctrl-C reaches the command by itself.
func foreground() bool {
	tty, err := unix.Open("/dev/tty", unix.O_RDONLY|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(tty)
	pgrp, err := unix.IoctlGetInt(tty, unix.TIOCGPGRP)
	return err == nil && pgrp == unix.Getpgrp()
}
