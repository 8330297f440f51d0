package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/veduta/veduta/monitor/control"
)

// mounting is one `veduta mount`.
type mounting struct {
	output
	specs         []mountSpec
	kind, options string
}

func mountCommand() (*pflag.FlagSet, action) {
	m, f := &mounting{}, newFlags("mount")
	f.StringVarP(&m.kind, "types", "t", "", "`TYPE`\tof SRC on DST, as in mount(8)")
	f.StringVarP(&m.options, "options", "o", "", "`OPTS`\tof SRC on DST, as in mount(8)")
	addMounts(f, &m.specs)
	m.addForms(f)
	return f, func(args []string) (int, error) { return 0, m.act(args) }
}

// act mounts what the flags and the arguments ask for, or else lists.
func (m *mounting) act(args []string) error {
	view, args, err := chooseView(args)
	if err != nil {
		return err
	}
	specs := m.specs
	switch len(args) {
	case 0:
		if m.kind != "" || m.options != "" {
			return errors.New("-t and -o: of what? SRC and DST are missing")
		}
	case 2:
		s, err := m.one(args[0], args[1])
		if err != nil {
			return err
		}
		specs = append(specs, s)
	default:
		return errors.New("want [VIEW] SRC DST; veduta ps lists the views")
	}
	if len(specs) == 0 {
		return m.list(view)
	}
	for i := range specs {
		if err := view.mount(&specs[i]); err != nil {
			return fmt.Errorf("mount %s on %s: %w", specs[i].kind, specs[i].target, err)
		}
	}
	return nil
}

// one is the mount of SRC on DST, a bind unless told otherwise.
func (m *mounting) one(source, target string) (mountSpec, error) {
	s := mountSpec{kind: m.kind, source: source, target: target}
	if s.kind == "" {
		s.kind = "bind"
	}
	if err := s.optionList(m.options); err != nil {
		return s, err
	}
	return s, s.settle()
}

func (m *mounting) list(v *mountView) error {
	a, err := v.ask(control.Question{Ask: "mounts"})
	switch {
	case err != nil:
		return err
	case m.json:
		return writeJSON(os.Stdout, a.Mounts)
	}
	for _, x := range a.Mounts {
		if m.nul {
			fmt.Printf("%s\x00", x.Target)
			continue
		}
		fmt.Printf("%s on %s type %s (%s)\n", printable(x.Source), printable(x.Target), x.Type, x.Options)
	}
	return nil
}

func umountCommand() (*pflag.FlagSet, action) {
	var lazy bool
	f := newFlags("umount")
	f.BoolVarP(&lazy, "lazy", "l", false, "also what is in use: who uses it keeps it")
	return f, func(args []string) (int, error) {
		view, args, err := chooseView(args)
		if err == nil && len(args) != 1 {
			err = errors.New("want [VIEW] DST; veduta mount lists what is mounted")
		}
		if err != nil {
			return 0, err
		}
		if err := view.umount(args[0], lazy); err != nil {
			return 0, fmt.Errorf("umount %s: %w", args[0], err)
		}
		return 0, nil
	}
}
