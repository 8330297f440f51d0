package overlayfs_test

import (
	"os"
	"testing"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/vfstest"
)

func TestConformNative(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	vfstest.Conform(t, func(t *testing.T) vfs.FileSystem { return newBed(t, true).open() })
}

func TestConformRecorded(t *testing.T) {
	vfstest.Conform(t, func(t *testing.T) vfs.FileSystem { return newBed(t, false).open() })
}

func TestConformAsUser(t *testing.T) {
	if vfstest.AsUser(t) {
		TestConformRecorded(t)
	}
}
