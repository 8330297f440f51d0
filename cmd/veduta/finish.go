package main

import "github.com/veduta/veduta/vfs/owner"

// finish is what happens to a session after its command.
func (r *running) finish(status int) (int, error) {
	return status, nil
}

func probeNative(dir string) bool { return owner.ProbeNative(dir) }
