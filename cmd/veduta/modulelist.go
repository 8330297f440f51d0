package main

import (
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/modules/dev"
	"github.com/veduta/veduta/modules/fakeid"
	"github.com/veduta/veduta/modules/host"
	"github.com/veduta/veduta/modules/overlay"
	"github.com/veduta/veduta/modules/proc"
	"github.com/veduta/veduta/modules/tmpfs"
	"github.com/veduta/veduta/modules/uts"
)

// moduleLine is a module, what it virtualizes, and the words that ask for it.
type moduleLine struct {
	Name string `json:"name"`
	Does string `json:"does"`
	By   string `json:"by"`
}

func moduleLines() []moduleLine {
	line := func(m modules.Module, does, by string) moduleLine { return moduleLine{m.Name(), does, by} }
	return []moduleLine{
		line(uts.Module{}, "host and domain name", "--hostname --domainname"),
		line(fakeid.Module{}, "user and group ids, owners, permissions", "--root --user"),
		line(host.Module{}, "directories of the host, elsewhere or read-only", "--bind --ro-bind --rootfs"),
		line(overlay.Module{}, "copy-on-write over / or a directory", "try --cow --session --overlay"),
		line(tmpfs.Module{}, "empty file systems that end with the view", "--tmpfs --hide"),
		line(dev.Module{}, "/dev of the devices that all count on", "--dev --rootfs"),
		line(proc.Module{}, "/proc as guests are to see it", "any of these"),
	}
}

func modulesCommand() (*pflag.FlagSet, action) {
	f := newFlags("modules")
	asJSON := f.Bool("json", false, "write JSON")
	return f, func(args []string) (int, error) {
		if err := none(args); err != nil {
			return 0, err
		}
		list := moduleLines()
		if *asJSON {
			return 0, writeJSON(os.Stdout, list)
		}
		for _, m := range list {
			fmt.Printf("%-8s %-48s %s\n", m.Name, m.Does, m.By)
		}
		return 0, nil
	}
}
