package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestUntrustedStore(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(dir string) error
		why   string
	}{
		"link":     {func(dir string) error { return os.Symlink(filepath.Dir(dir), dir) }, "symbolic link"},
		"file":     {func(dir string) error { return os.WriteFile(dir, nil, 0o600) }, "not a directory"},
		"writable": {func(dir string) error { os.Mkdir(dir, 0o700); return os.Chmod(dir, 0o770) }, "others may write"},
		"inside": {func(dir string) error {
			os.Mkdir(dir, 0o700)
			os.Mkdir(dir+"/sessions", 0o700)
			return os.Chmod(dir+"/sessions", 0o702)
		}, "others may write"},
		"foreign": {func(dir string) error {
			if os.Geteuid() != 0 {
				return os.Symlink("/", dir)
			}
			os.Mkdir(dir, 0o700)
			return os.Chown(dir, testUID, testUID)
		}, "; set VEDUTA_HOME"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "veduta")
			check(t, tc.spoil(dir))
			_, err := OpenAt(dir)
			if err == nil || !strings.Contains(err.Error(), tc.why) || strings.Contains(err.Error(), "\n") {
				t.Errorf("err = %v", err)
			}
		})
	}
}

// TestSudo: root may use the store of the user who called sudo.
func TestSudo(t *testing.T) {
	if os.Geteuid() != 0 {
		return // nobody else may
	}
	dir := filepath.Join(t.TempDir(), "veduta")
	_, err := OpenAt(dir)
	check(t, err)
	check(t, os.Chown(dir, testUID, testUID))
	check(t, os.Chown(dir+"/sessions", testUID, testUID))
	t.Setenv("SUDO_UID", "12345")
	_, err = OpenAt(dir)
	check(t, err)
	t.Setenv("SUDO_UID", "12346")
	if _, err = OpenAt(dir); err == nil {
		t.Error("another's store was taken")
	}
}

func TestDefaultDir(t *testing.T) {
	for _, tc := range []struct{ veduta, xdg, home, want string }{
		{"/v", "/x", "/h", "/v"},
		{"", "/x", "/h", "/x/veduta"},
		{"", "relative", "/h", "/h/.local/state/veduta"},
		{"", "", "/h", "/h/.local/state/veduta"},
		{"", "", "", ""},
	} {
		t.Setenv("VEDUTA_HOME", tc.veduta)
		t.Setenv("XDG_STATE_HOME", tc.xdg)
		t.Setenv("HOME", tc.home)
		got, err := DefaultDir()
		if got != tc.want || (err != nil) != (tc.want == "") {
			t.Errorf("%+v: %s, %v", tc, got, err)
		}
	}
}
