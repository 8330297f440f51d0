package hostfs

import (
	"sync"

	"github.com/veduta/veduta/vfs"
)

// procDev is the device of the host's procfs, whose links are magic.
var procDev = sync.OnceValue(func() uint64 {
	a, err := vfs.HostLstat("/proc/self/")
	if err != nil {
		return 0
	}
	return a.Dev()
})
