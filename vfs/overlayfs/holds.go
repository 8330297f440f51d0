package overlayfs

// Holds implements vfs.FileSystem: files of the upper layer need no copy-up.
func (f *FS) Holds(host string) (mine, plain bool) {
	_, mine = f.inUpperTree(host)
	return mine, !f.o.Owners.Records()
}
