package modules

import "fmt"

// Module is code that takes charge of part of a view.
type Module interface {
	// Name is what messages and `veduta modules` call it.
	Name() string
	// Bind says what it takes charge of in a view over lower.
	Bind(lower *View) (Binding, error)
}

// Stack binds modules one over the other on a view; each sees the ones before
// it. What it returns is never changed again.
func Stack(lower *View, list ...Module) (*View, error) {
	for _, m := range list {
		b, err := m.Bind(lower)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name(), err)
		}
		if lower, err = lower.over(m.Name(), b); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name(), err)
		}
	}
	return lower, nil
}
