package integration

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"sync"
	"syscall"
	"testing"
)

// caller is who runs a command.
type caller struct {
	name string
	uid  uint32
}

var rootCaller = caller{"root", 0}

// userCaller is an ordinary user: one that no line of passwd knows if the tests
// run as root, else whoever runs them.
var userCaller = sync.OnceValue(func() caller {
	if uid := os.Getuid(); uid != 0 {
		return caller{"user", uint32(uid)}
	}
	for uid := 61234; ; uid++ {
		id := strconv.Itoa(uid)
		if _, err := user.LookupId(id); err == nil {
			continue
		}
		if _, err := user.LookupGroupId(id); err == nil {
			continue
		}
		return caller{"user", uint32(uid)}
	}
})

// callers are those that the tests can be.
func callers() []caller {
	if os.Getuid() != 0 {
		return []caller{userCaller()}
	}
	return []caller{rootCaller, userCaller()}
}

// become makes a command run as the caller.
func (c caller) become(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	if int(c.uid) != os.Getuid() {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: c.uid, Gid: c.uid}
	} else if c.uid == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{}
	}
}

// own gives a file to the caller.
func (c caller) own(t testing.TB, path string) {
	t.Helper()
	if int(c.uid) == os.Getuid() {
		return
	}
	if err := os.Lchown(path, int(c.uid), int(c.uid)); err != nil {
		t.Fatal(err)
	}
}
