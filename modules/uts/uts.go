// Package uts is the module of the host and domain name (uname(2),
// sethostname(2), setdomainname(2)).
package uts

import (
	"fmt"

	"github.com/veduta/veduta/modules"
)

// nameMax is the longest name in bytes (__NEW_UTS_LEN, uapi/linux/utsname.h).
const nameMax = 64

// Module gives a view names of its own; an empty one stays the host's.
type Module struct{ Node, Domain string }

// Name implements modules.Module.
func (Module) Name() string { return "uts" }

// Bind implements modules.Module.
func (m Module) Bind(*modules.View) (modules.Binding, error) {
	for _, n := range []string{m.Node, m.Domain} {
		if len(n) > nameMax {
			return modules.Binding{}, fmt.Errorf("name %q is longer than %d bytes", n, nameMax)
		}
	}
	return modules.Binding{UTS: modules.NewUTS(m.Node, m.Domain)}, nil
}
