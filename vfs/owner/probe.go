package owner

import (
	"os"

	"golang.org/x/sys/unix"
)

// ProbeNative tells by trying whether this process can give files away and make
// devices below dir, so that a Store can be Native there. Being root does not
// tell: a container may hold back either.
func ProbeNative(dir string) bool {
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return false
	}
	name := f.Name()
	defer os.Remove(name)
	defer f.Close()
	var st unix.Stat_t
	if unix.Fchown(int(f.Fd()), 12, 34) != nil || unix.Fstat(int(f.Fd()), &st) != nil || st.Uid != 12 || st.Gid != 34 {
		return false
	}
	node := name + ".dev"
	if unix.Mknod(node, unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3))) != nil {
		return false
	}
	return os.Remove(node) == nil
}
