package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// choice is the value of a flag that takes one of few words.
type choice struct {
	value   *string
	options []string
}

func choiceVar(f *pflag.FlagSet, value *string, name, initial, options, help string) {
	*value = initial
	f.Var(choice{value, strings.Split(options, "|")}, name, help)
}

// String implements pflag.Value.
func (c choice) String() string {
	if c.value == nil {
		return ""
	}
	return *c.value
}

// Type implements pflag.Value; it is what help shows for the value.
func (c choice) Type() string { return strings.Join(c.options, "|") }

// Set implements pflag.Value.
func (c choice) Set(s string) error {
	if !slices.Contains(c.options, s) {
		return fmt.Errorf("want one of %s", strings.Join(c.options, ", "))
	}
	*c.value = s
	return nil
}
