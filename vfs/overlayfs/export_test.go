package overlayfs

// WithoutNodes makes the overlay behave as where a whiteout cannot be a device.
func (f *FS) WithoutNodes() { f.noNodes = true }
