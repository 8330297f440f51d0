package procfs

import "os"

// auxv renders a task's auxiliary vector.
func (f *FS) auxv(path string) ([]byte, bool) {
	tid, ok := fileOf(path, "/auxv")
	if !ok {
		return nil, false
	}
	host, err := os.ReadFile("/proc" + path)
	if err != nil {
		return nil, false
	}
	f.o.Auxv(tid, host)
	return host, true
}
