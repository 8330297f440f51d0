// Package fakeid is the module of identity: guests have the ids, groups and
// capabilities that it gives them, follow credentials(7) from there, and the
// kernel's own ids never change.
package fakeid

import (
	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/modules"
)

// Module makes guests be somebody.
type Module struct{ Initial *cred.Cred }

// Root makes guests be root with all capabilities.
func Root() Module { return Module{cred.Root()} }

// Name implements modules.Module.
func (Module) Name() string { return "fakeid" }

// Bind implements modules.Module.
func (m Module) Bind(*modules.View) (modules.Binding, error) {
	return modules.Binding{Identity: &modules.Identity{Initial: m.Initial}}, nil
}
