package hostfs

// Holds implements vfs.FileSystem.
func (f *FS) Holds(host string) (mine, plain bool) {
	_, mine = f.PathOf(host)
	return mine && !f.ReadOnly, f.Owners.Plain() && !f.Owners.Records()
}
