package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/spf13/pflag"
)

type versionInfo struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Arch     string `json:"arch"`
}

func versionCommand() (*pflag.FlagSet, action) {
	f := newFlags("version")
	asJSON := f.Bool("json", false, "write JSON")
	return f, func(args []string) (int, error) {
		if err := none(args); err != nil {
			return 0, err
		}
		v := thisVersion()
		if *asJSON {
			return 0, writeJSON(os.Stdout, v)
		}
		fmt.Println(v)
		return 0, nil
	}
}

// thisVersion is what the Go tool noted when it built the program.
func thisVersion() versionInfo {
	v := versionInfo{Version: "(devel)", Go: runtime.Version(), Arch: runtime.GOARCH}
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if b.Main.Version != "" {
		v.Version = b.Main.Version
	}
	for _, s := range b.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

func (v versionInfo) String() string {
	return fmt.Sprintf("veduta %s (%s, linux/%s)", v.Version, v.Go, v.Arch)
}
