package review

import (
	"bufio"
	"fmt"
	"io"
	"os/user"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/veduta/veduta/session"
	"golang.org/x/sys/unix"
)

// colours of the letters, those of git status.
var colours = map[Kind]string{Added: "32", Modified: "33", Deleted: "31", Retyped: "35", Renamed: "36"}

// printer writes for people.
type printer struct {
	colour bool
	users  map[uint32]string
	groups map[uint32]string
}

func newPrinter(colour bool) *printer {
	return &printer{colour, map[uint32]string{}, map[uint32]string{}}
}

// WriteText lists changes, one a line:
//
//	A  -rwxr-xr-x root:root       26K  /usr/bin/hello
//	M  -rw-r--r-- root:root      1.2K  /etc/passwd  (mode 0600 → 0644)
//	D  -rw-r--r-- root:root        11  /etc/motd
//	R  drwxr-xr-x root:root         -  /opt/old → /opt/new
func WriteText(w io.Writer, changes []*Change, colour bool) error {
	p := newPrinter(colour)
	b := bufio.NewWriter(w)
	for _, c := range changes {
		mode := modeString(c.Type, c.Mode)
		fmt.Fprintf(b, "%s  %s %-13s %6s  %s%s\n", p.kind(c.Kind), mode, p.owner(c.UID, c.GID), sizeString(c), pathText(c), p.details(c))
	}
	return b.Flush()
}

func (p *printer) kind(k Kind) string {
	if !p.colour {
		return string(k)
	}
	return "\x1b[" + colours[k] + "m" + string(k) + "\x1b[m"
}

// pathText is the path, with the one before where it was renamed.
func pathText(c *Change) string {
	s := quote(c.Path)
	if c.Kind == Renamed {
		s = quote(c.From) + " → " + s
	}
	if c.Type == "link" && c.Kind != Deleted {
		s += " -> " + quote(c.Target)
	}
	return s
}

// details is what else is to say, in brackets.
func (p *printer) details(c *Change) string {
	var d []string
	if c.OldType != "" {
		d = append(d, "was a "+c.OldType)
	}
	if c.Content && c.OldTarget != "" {
		d = append(d, "was -> "+quote(c.OldTarget))
	}
	if c.Content && c.OldSize != c.Size && c.Type == "file" {
		d = append(d, "was "+bytesString(c.OldSize))
	}
	if m := c.ModeChange; m != nil {
		d = append(d, fmt.Sprintf("mode %04o → %04o", m.Old, m.New))
	}
	if o := c.OwnerChange; o != nil {
		d = append(d, "owner "+p.owner(o.OldUID, o.OldGID)+" → "+p.owner(o.NewUID, o.NewGID))
	}
	for _, x := range c.XattrChange {
		d = append(d, xattrSign(x)+x.Name)
	}
	if c.LinkChange && len(c.Links) > 0 {
		d = append(d, "same file as "+quote(c.Links[0]))
	}
	if c.OtherLinks > 0 {
		d = append(d, fmt.Sprintf("and by %d other names", c.OtherLinks))
	}
	if c.TimesOnly() {
		d = append(d, "times")
	}
	if c.Unseen {
		d = append(d, "could not be read below")
	}
	if len(d) == 0 {
		return ""
	}
	return "  (" + strings.Join(d, ", ") + ")"
}

func xattrSign(x XattrChange) string {
	switch {
	case x.Old == nil:
		return "+"
	case x.New == nil:
		return "-"
	}
	return "~"
}

func (p *printer) owner(uid, gid uint32) string {
	u, ok := p.users[uid]
	if !ok {
		u = strconv.Itoa(int(uid))
		if known, err := user.LookupId(u); err == nil {
			u = known.Username
		}
		p.users[uid] = u
	}
	g, ok := p.groups[gid]
	if !ok {
		g = strconv.Itoa(int(gid))
		if known, err := user.LookupGroupId(g); err == nil {
			g = known.Name
		}
		p.groups[gid] = g
	}
	return u + ":" + g
}

// modeString is the first column of ls -l.
func modeString(typ string, mode uint32) string {
	letters := map[string]byte{"file": '-', typeDir: 'd', "link": 'l', "char": 'c', "block": 'b', "fifo": 'p', "socket": 's'}
	b := []byte("?rwxrwxrwx")
	if l, ok := letters[typ]; ok {
		b[0] = l
	}
	for i := range 9 {
		if mode&(1<<(8-i)) == 0 {
			b[i+1] = '-'
		}
	}
	special(b, 3, mode&unix.S_ISUID != 0, 's', 'S')
	special(b, 6, mode&unix.S_ISGID != 0, 's', 'S')
	special(b, 9, mode&unix.S_ISVTX != 0, 't', 'T')
	return string(b)
}

func special(b []byte, at int, set bool, with, without byte) {
	switch {
	case set && b[at] == 'x':
		b[at] = with
	case set:
		b[at] = without
	}
}

func sizeString(c *Change) string {
	switch c.Type {
	case "file":
		return bytesString(c.Size)
	case "char", "block":
		return fmt.Sprintf("%d,%d", unix.Major(c.Rdev), unix.Minor(c.Rdev))
	}
	return "-"
}

// bytesString is a size as ls -h has it, rounded up.
func bytesString(n int64) string {
	if n < 1024 {
		return strconv.FormatInt(n, 10)
	}
	units := "KMGTPE"
	v := float64(n) / 1024
	for len(units) > 1 && v > 1023 {
		v /= 1024
		units = units[1:]
	}
	if v < 9.95 {
		return strconv.FormatFloat(v, 'f', 1, 64) + units[:1]
	}
	return strconv.FormatFloat(v, 'f', 0, 64) + units[:1]
}

// quote makes a path safe for a terminal: what would not print, or could be
// taken for the notation, is shown as a Go string.
func quote(p session.Path) string {
	s := string(p)
	plain := utf8.ValidString(s) && s != "" && s[0] != '"'
	for _, r := range s {
		plain = plain && unicode.IsPrint(r)
	}
	if plain {
		return s
	}
	return strconv.Quote(s)
}
