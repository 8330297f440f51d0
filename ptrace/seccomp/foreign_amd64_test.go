package seccomp

import (
	"os"
	"os/exec"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// int80 makes the i386 call getpid by "int $0x80" from 64-bit code.
func int80(t *testing.T) int32 {
	t.Helper()
	page, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		t.Skip("the kernel gives no memory that is writable and executable:", err)
	}
	copy(page, []byte{
		0xb8, 20, 0, 0, 0, // mov $20,%eax
		0xcd, 0x80, // int $0x80
		0xc3, // ret
	})
	// A func value points to the address of its code.
	code := &page[0]
	closure := unsafe.Pointer(&code)
	return (*(*func() int32)(unsafe.Pointer(&closure)))()
}

func TestInt80IsForeign(t *testing.T) {
	if os.Getenv(childEnv) == "trial" {
		int80(t)
		return
	}
	trial := exec.Command("/proc/self/exe", "-test.run=^TestInt80IsForeign$")
	trial.Env = append(os.Environ(), childEnv+"=trial")
	if err := trial.Run(); err != nil {
		t.Skipf("a kernel without 32-bit calls: %v", err)
	}
	if !inChild(t) {
		return
	}
	if r := int80(t); r != int32(unix.Getpid()) {
		t.Errorf("getpid by int $0x80: %d", r)
	}
	install(t, native(), 0)
	if r := int80(t); r != -int32(unix.EXFULL) {
		t.Errorf("int $0x80 under the filter: %d, want %d", r, -int32(unix.EXFULL))
	}
}
