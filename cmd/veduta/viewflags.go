package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
)

// viewFlags are the flags that describe a view, as given.
type viewFlags struct {
	root             bool
	user             string
	hostname, domain string
	cow              []string // paths that are copy-on-write
	rootfs           string
	mounts           []mountSpec
	env              []string
	envFile          []string
	workdir          string
	entrypoint       string
	engine           string
	stats            bool
	slack            int
	json             bool
	trace            string
	tracing          bool
	output           string
	session          string
	remove           bool
	onExit           string
	shell            string
	color            string
	set              *pflag.FlagSet
}

// traceVirtual is what --trace alone means.
const traceVirtual = "virtual"

// flagSet makes the flags of run and try; how their help is laid out tells
// flagLines.
func (v *viewFlags) flagSet(name string) *pflag.FlagSet {
	f := newFlags(name)
	f.SetInterspersed(false)
	f.BoolVarP(&v.root, "root", "0", false, "be root, or that user")
	f.StringVarP(&v.user, "user", "u", "", "`USER[:GROUP]`\tbe root, or that user")
	f.StringVar(&v.hostname, "hostname", "", "`NAME`\tthe name that uname(2) tells")
	f.StringVar(&v.domain, "domainname", "", "`NAME`\tthe name that uname(2) tells")
	f.StringVarP(&v.rootfs, "rootfs", "r", "", "`DIR`\tDIR is the view's /")
	f.StringArrayVar(&v.cow, "cow", nil, "`PATH`\twrite to a layer; then drop it")
	f.Lookup("cow").NoOptDefVal = "/"
	addMounts(f, &v.mounts)
	f.StringArrayVarP(&v.env, "env", "e", nil, "`K[=V]`\tset or pass on; set those in FILE")
	f.StringArrayVar(&v.envFile, "env-file", nil, "`FILE`\tset or pass on; set those in FILE")
	f.StringVarP(&v.workdir, "workdir", "w", "", "start in `DIR`")
	f.StringVar(&v.entrypoint, "entrypoint", "", "`CMD`\trun CMD with ARG…; a shell STRING")
	f.StringVarP(&v.shell, "command", "c", "", "`STRING`\trun CMD with ARG…; a shell STRING")
	f.StringVar(&v.session, "session", "", "use or make session `NAME`, and keep it")
	f.BoolVar(&v.remove, "rm", false, "what becomes of the session")
	choiceVar(f, &v.onExit, "on-exit", "", "ask|keep|commit|discard", "what becomes of the session")
	choiceVar(f, &v.engine, "engine", "auto", "auto|trace|notify", "how calls are caught")
	f.IntVar(&v.slack, "slack", 0, "how uneven tracer threads may be loaded, plus one")
	f.Lookup("slack").Hidden = true // for tests
	f.BoolVar(&v.stats, "stats", false, "tell what it cost; log calls")
	f.BoolVar(&v.json, "json", false, "tell what it cost; log calls")
	f.StringVar(&v.trace, "trace", "", "`SET`\ttell what it cost; log calls")
	f.Lookup("trace").NoOptDefVal = traceVirtual
	f.StringVarP(&v.output, "output", "o", "", "`FILE`\twhere --trace and --stats go")
	choiceVar(f, &v.color, "color", "auto", "auto|always|never", "colours of the summary")
	if name == "try" {
		f.MarkHidden("cow") // it goes without saying
	}
	v.set = f
	return f
}

// addMounts makes the flags that mount something.
func addMounts(f *pflag.FlagSet, list *[]mountSpec) {
	reader := func(read func(text string) ([]mountSpec, error)) mountFlag { return mountFlag{list, read} }
	f.VarP(reader(one(readBind)), "bind", "b", "`SRC[:DST][:ro]`\tshow SRC at DST")
	f.VarP(reader(one(readBind)), "volume", "v", "`SRC[:DST][:ro]`\tshow SRC at DST")
	f.Var(reader(one(readROBind)), "ro-bind", "`SRC[:DST]`\tthe same, read-only")
	f.Var(reader(one(readAt("tmpfs"))), "tmpfs", "`DST`\tnew ones; an empty directory")
	f.Var(reader(one(readAt("proc"))), "proc", "`DST`\tnew ones; an empty directory")
	f.Var(reader(one(readAt("dev"))), "dev", "`DST`\tnew ones; an empty directory")
	f.Var(reader(one(readAt("hide"))), "hide", "`PATH`\tnew ones; an empty directory")
	f.Var(reader(one(readOverlay)), "overlay", "`LOW[:LOW…]:UPPER:DST`\tshow both at DST, write to UPPER")
	f.Var(reader(one(readMount)), "mount", "`type=T,src=S,dst=D,ro`\tthe long form of these")
	f.VarP(reader(one(readFields)), "mount-fstab", "m", "`LINE`\t'TYPE SRC DST OPTS'; fstab(5)")
	f.Var(reader(readFstab), "fstab", "`FILE`\t'TYPE SRC DST OPTS'; fstab(5)")
}

// colored tells whether what is told about the session is in colour.
func (v *viewFlags) colored(w *os.File) bool { return (&output{color: v.color}).colored(w) }

// check finds what contradicts itself, and finishes what parsing cannot.
func (v *viewFlags) check() error {
	v.tracing = v.set.Changed("trace")
	v.stats = v.stats || v.json
	if v.remove && v.onExit != "" && v.onExit != "discard" {
		return errors.New("--rm and --on-exit " + v.onExit + ": only one of them")
	}
	if v.set.Changed("session") && v.session == "" {
		return errors.New("--session: the name is empty; leave it out for one that is made up")
	}
	return v.checkRoot()
}

// checkRoot makes the root directory's path absolute, and has the command start
// in it, as chroot(8) does.
func (v *viewFlags) checkRoot() error {
	if v.rootfs == "" {
		return nil
	}
	dir, err := filepath.Abs(v.rootfs)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	var a os.FileInfo
	if err == nil {
		a, err = os.Stat(dir)
	}
	if err == nil && !a.IsDir() {
		err = unix.ENOTDIR
	}
	if err != nil {
		return fmt.Errorf("--rootfs %s: %w; give a directory that holds a system", v.rootfs, err)
	}
	v.rootfs = dir
	if v.workdir == "" {
		v.workdir = "/"
	}
	return nil
}

// traceSet is the set as package monitor has it.
func (v *viewFlags) traceSet() string {
	if v.trace == traceVirtual {
		return ""
	}
	return v.trace
}
