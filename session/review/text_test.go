package review

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/veduta/veduta/session"
)

func sample() []*Change {
	return []*Change{
		{Path: "/etc/passwd", Kind: Modified, Type: "file", Size: 1229, OldSize: 1100, Content: true, Mode: 0o644, ModeChange: &ModeChange{0o600, 0o644}},
		{Path: "/opt/new", Kind: Renamed, From: "/opt/old", Type: typeDir, Mode: 0o755},
		{Path: "/usr/bin/hello", Kind: Added, Type: "file", Size: 26 << 10, Mode: 0o4755, XattrChange: []XattrChange{{Name: "user.a", New: []byte{1}}}},
		{Path: "/usr/bin/sh", Kind: Added, Type: "link", Target: "dash", Mode: 0o777},
		{Path: "/x\x1b[m\xff", Kind: Deleted, Type: "fifo", Mode: 0o600},
	}
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	if err := WriteText(&b, sample(), false); err != nil {
		t.Fatal(err)
	}
	want := `M  -rw-r--r-- root:root       1.2K  /etc/passwd  (was 1.1K, mode 0600 → 0644)
R  drwxr-xr-x root:root          -  /opt/old → /opt/new
A  -rwsr-xr-x root:root        26K  /usr/bin/hello  (+user.a)
A  lrwxrwxrwx root:root          -  /usr/bin/sh -> dash
D  prw------- root:root          -  "/x\x1b[m\xff"
`
	equal(t, "text", b.String(), want)
	b.Reset()
	if err := WriteText(&b, sample()[1:2], true); err != nil || !strings.HasPrefix(b.String(), "\x1b[36mR\x1b[m") {
		t.Errorf("colour: %q %v", b.String(), err)
	}
}

func TestNUL(t *testing.T) {
	var b bytes.Buffer
	if err := WriteNUL(&b, sample()[:2]); err != nil {
		t.Fatal(err)
	}
	equal(t, "-z", b.String(), "M\x00/etc/passwd\x00R\x00/opt/old\x00/opt/new\x00")
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJSON(&b, sample()); err != nil {
		t.Fatal(err)
	}
	var back []*Change
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if len(back) != 5 || back[4].Path != "/x\x1b[m\xff" || back[0].ModeChange.New != 0o644 {
		t.Errorf("%s", b.String())
	}
	b.Reset()
	if err := WriteJSON(&b, nil); err != nil || strings.TrimSpace(b.String()) != "[]" {
		t.Errorf("none: %q %v", b.String(), err)
	}
}

// TestStatus: directories and crowds are folded, and the counts say of what.
func TestStatus(t *testing.T) {
	var list []*Change
	add := func(k Kind, typ, p string, size int64) {
		list = append(list, &Change{Path: session.Path(p), Kind: k, Type: typ, Size: size})
	}
	add(Modified, "file", "/etc/a", 1)
	add(Deleted, typeDir, "/opt/x", 0)
	for i := range 3 {
		add(Deleted, "file", fmt.Sprintf("/opt/x/%d", i), 10)
	}
	for i := range 9 {
		add(Added, "file", fmt.Sprintf("/usr/bin/%d", i), 1024)
	}
	add(Added, typeDir, "/var/new", 0)
	add(Added, "file", "/var/new/f", 5)
	var b bytes.Buffer
	if err := WriteStatus(&b, list, false); err != nil {
		t.Fatal(err)
	}
	equal(t, "status", b.String(), `11 added, 1 modified, 4 deleted (9.0K)
  M  /etc/a
  D  /opt/x/  (3 entries, 30)
  A  /usr/bin/*  (9 entries, 9.0K)
  A  /var/new/  (1 entry, 5)
`)
}
