package overlayfs_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/veduta/veduta/vfs/overlayfs"
)

// TestOriginLogCut: a line that was cut short is no harm to those around it.
func TestOriginLogCut(t *testing.T) {
	p := filepath.Join(t.TempDir(), "origins")
	if list, err := overlayfs.ReadOrigins(p); err != nil || list != nil {
		t.Error(list, err)
	}
	no(t, overlayfs.AppendOrigins(p, []overlayfs.Origin{{Path: "/a\xff", LowerIno: 1}, {Path: "/b", LowerIno: 2}}))
	f, err := os.OpenFile(p, os.O_WRONLY|os.O_APPEND, 0)
	no(t, err)
	_, err = f.WriteString("{\"path\":\"/to")
	no(t, err)
	no(t, f.Close())
	no(t, overlayfs.AppendOrigins(p, []overlayfs.Origin{{Path: "/c", LowerIno: 3, Redirect: true}}))
	list, err := overlayfs.ReadOrigins(p)
	no(t, err)
	if len(list) != 3 || list[0].Path != "/a\xff" || list[1].LowerIno != 2 || list[2].LowerIno != 3 || !list[2].Redirect {
		t.Errorf("%+v", list)
	}
}
