package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/modules/tmpfs"
)

// mountSpec is one mount as asked for. All the flags that mount something come
// to one, in the order in which they were given.
type mountSpec struct {
	kind     string // a key of mountKinds
	source   string // on the host; of an overlay LOW[:LOW…]:UPPER
	target   string // in the view
	readOnly bool
	flags    uint64   // MS_ flags of the mount
	options  []string // of the file system
	text     string   // as given, for messages

	// of an overlay that a guest mounts
	lower, upper string
	work         bool
}

// mountKinds are the types of --mount and --mount-fstab, and what each is
// called besides.
var mountKinds = map[string]string{
	"bind": "bind", "none": "bind", "tmpfs": "tmpfs", "ramfs": "tmpfs", "proc": "proc", "dev": "dev", "devtmpfs": "dev",
	"sysfs": "sysfs", "overlay": "overlay", "hide": "hide",
}

// mountFlag adds to the list what one flag means.
type mountFlag struct {
	list *[]mountSpec
	read func(text string) ([]mountSpec, error)
}

func (mountFlag) String() string { return "" }
func (mountFlag) Type() string   { return "string" }

// Set implements pflag.Value.
func (f mountFlag) Set(text string) error {
	specs, err := f.read(text)
	if err != nil {
		return err
	}
	for i := range specs {
		if err := specs[i].settle(); err != nil {
			return err
		}
	}
	*f.list = append(*f.list, specs...)
	return nil
}

// settle completes a spec and finds what is missing.
func (m *mountSpec) settle() error {
	kind, ok := mountKinds[m.kind]
	switch {
	case !ok:
		return fmt.Errorf("type %q; there are bind, tmpfs, proc, dev, sysfs, overlay and hide", m.kind)
	case m.target == "":
		return errors.New("where? a destination is missing")
	case kind == "bind" && m.source == "":
		return errors.New("what? a source is missing")
	}
	m.kind = kind
	var err error
	if m.target, err = filepath.Abs(m.target); err != nil {
		return err
	}
	if kind != "bind" {
		return nil
	}
	if m.source, err = filepath.Abs(m.source); err == nil {
		m.source, err = filepath.EvalSymlinks(m.source)
	}
	if err != nil {
		return fmt.Errorf("%w; the source must exist", err)
	}
	return nil
}

// one makes the reader of a flag that means one mount.
func one(read func(m *mountSpec, text string) error) func(string) ([]mountSpec, error) {
	return func(text string) ([]mountSpec, error) {
		m := mountSpec{text: text}
		err := read(&m, text)
		return []mountSpec{m}, err
	}
}

// readBind reads SRC[:DST][:ro].
func readBind(m *mountSpec, text string) error {
	parts := strings.Split(text, ":")
	m.kind, m.source, m.target = "bind", parts[0], parts[0]
	if len(parts) > 1 && parts[1] != "" {
		m.target = parts[1]
	}
	if len(parts) > 3 || m.source == "" {
		return errors.New("want SRC[:DST][:ro]")
	}
	if len(parts) == 3 {
		if m.readOnly = parts[2] == "ro"; !m.readOnly && parts[2] != "rw" && parts[2] != "" {
			return fmt.Errorf("option %q; want ro or rw", parts[2])
		}
	}
	return nil
}

func readROBind(m *mountSpec, text string) error {
	err := readBind(m, text)
	m.readOnly = true
	return err
}

// readAt makes the reader of a flag that gives the destination only.
func readAt(kind string) func(m *mountSpec, text string) error {
	return func(m *mountSpec, text string) error {
		m.kind, m.target = kind, text
		return nil
	}
}

// readOverlay reads LOW[:LOW…]:UPPER:DST.
func readOverlay(m *mountSpec, text string) error {
	i := strings.LastIndexByte(text, ':')
	if strings.Count(text, ":") < 2 {
		return errors.New("want LOW[:LOW…]:UPPER:DST")
	}
	m.kind, m.source, m.target = "overlay", text[:i], text[i+1:]
	return nil
}

// readMount reads type=T,src=S,dst=D,ro,opt=…, the form that podman shares.
func readMount(m *mountSpec, text string) error {
	m.kind = "bind"
	parts := strings.Split(text, ",")
	for _, part := range parts { // which options there are depends on it
		if kind, ok := strings.CutPrefix(part, "type="); ok {
			m.kind = kind
		}
	}
	for _, part := range parts {
		key, value, has := strings.Cut(part, "=")
		switch key {
		case "type":
		case "src", "source":
			m.source = value
		case "dst", "destination", "target":
			m.target = value
		case "opt":
			for o := range strings.SplitSeq(value, ":") {
				if err := m.option(o); err != nil {
					return err
				}
			}
		case "readonly":
			key = "ro"
			fallthrough
		default:
			if has {
				key = part
			}
			if err := m.option(key); err != nil {
				return err
			}
		}
	}
	return nil
}

// readFields reads TYPE SRC DST OPTS, parted by white space or commas of a shell.
func readFields(m *mountSpec, text string) error {
	f := strings.Fields(text)
	if len(f) < 3 || len(f) > 4 {
		return errors.New("want 'TYPE SRC DST OPTS' as one argument")
	}
	m.kind, m.source, m.target = f[0], f[1], f[2]
	if len(f) == 4 {
		return m.optionList(f[3])
	}
	return nil
}

// readFstab reads a file in the form of fstab(5).
func readFstab(path string) ([]mountSpec, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []mountSpec
	for i, line := range strings.Split(string(data), "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || f[0][0] == '#' {
			continue
		}
		if len(f) < 3 {
			return nil, fmt.Errorf("%s:%d: want SRC DST TYPE [OPTS]", path, i+1)
		}
		m := mountSpec{source: unescape(f[0]), target: unescape(f[1]), kind: f[2], text: line}
		if m.kind == "swap" || len(f) > 3 && slices.Contains(strings.Split(f[3], ","), "noauto") {
			continue // as mount -a
		}
		if len(f) > 3 {
			err = m.optionList(f[3])
		}
		if err == nil {
			err = m.settle()
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		list = append(list, m)
	}
	return list, nil
}

// unescape undoes the octal escapes of fstab(5).
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func (m *mountSpec) optionList(text string) error {
	for o := range strings.SplitSeq(text, ",") {
		if err := m.option(o); err != nil {
			return err
		}
	}
	return nil
}

// mountFlags are the options of mount(8) that are flags of a mount: those set, and
// those taken away.
var mountFlags = map[string]struct{ set, clear uint64 }{
	"nosuid": {unix.MS_NOSUID, 0}, "suid": {0, unix.MS_NOSUID},
	"nodev": {unix.MS_NODEV, 0}, "dev": {0, unix.MS_NODEV},
	"noexec": {unix.MS_NOEXEC, 0}, "exec": {0, unix.MS_NOEXEC},
	"noatime": {unix.MS_NOATIME, unix.MS_STRICTATIME}, "atime": {0, unix.MS_NOATIME},
	"relatime": {0, unix.MS_NOATIME | unix.MS_STRICTATIME}, "norelatime": {0, 0},
	"strictatime": {unix.MS_STRICTATIME, unix.MS_NOATIME}, "nostrictatime": {0, unix.MS_STRICTATIME},
	"nodiratime": {unix.MS_NODIRATIME, 0}, "diratime": {0, unix.MS_NODIRATIME},
	"nosymfollow": {unix.MS_NOSYMFOLLOW, 0}, "symfollow": {0, unix.MS_NOSYMFOLLOW},
}

// option takes one option of mount(8). Those that change nothing here are
// known; an unknown one is an error, lest it be thought to work.
func (m *mountSpec) option(o string) error {
	key, value, _ := strings.Cut(o, "=")
	if f, ok := mountFlags[o]; ok {
		m.flags = m.flags&^f.clear | f.set
		return nil
	}
	if m.kind == "tmpfs" || m.kind == "ramfs" {
		var t tmpfs.Options
		if known, err := t.Set(o); known {
			if err != nil {
				return fmt.Errorf("option %q of a tmpfs: %w; see tmpfs(5)", o, err)
			}
			m.options = append(m.options, o)
			return nil
		}
	}
	switch key {
	case "ro":
		m.readOnly = true
	case "rw":
		m.readOnly = false
	case "bind", "rbind":
		m.kind = "bind"
	case "lowerdir":
		m.source = value + ":" + m.source
	case "upperdir":
		m.source += value
	case "workdir", "", "defaults", "auto", "user", "nouser", "nofail", "private", "rprivate", "slave", "rslave", "shared", "rshared", "z", "Z":
	default:
		return fmt.Errorf("option %q is not known here", o)
	}
	return nil
}

// tmpfs are the options of a tmpfs.
func (m *mountSpec) tmpfs() (o tmpfs.Options) {
	for _, word := range m.options {
		o.Set(word)
	}
	return o
}
