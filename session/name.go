package session

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

const maxName = 64

// checkName refuses a name that is no plain file name, or that a shell or an
// option parser would trip over.
func checkName(name string) error {
	ok := name != "" && len(name) <= maxName && name[0] != '.' && name[0] != '-'
	for _, c := range []byte(name) {
		ok = ok && nameByte(c)
	}
	if !ok {
		return fmt.Errorf("session name %q: want at most %d of letters, digits, dot, dash and underscore, the first a letter or digit", name, maxName)
	}
	return nil
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_'
}

// generateName makes a name out of the command: apt-get-1, apt-get-2, … the
// number is above all in use, so that the order of names is that of age.
func generateName(command []string, taken []string) string {
	base := "session"
	if len(command) > 0 {
		if b := plain(filepath.Base(command[0])); b != "" {
			base = b
		}
	}
	last := 0
	for _, t := range taken {
		rest, ok := strings.CutPrefix(t, base+"-")
		if n, err := strconv.Atoi(rest); ok && err == nil && n > last && n < 1<<30 {
			last = n
		}
	}
	return base + "-" + strconv.Itoa(last+1)
}

// plain keeps of s what a name may hold, shortened so that a number fits.
func plain(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if nameByte(c) && b.Len() < maxName-12 {
			b.WriteByte(c)
		}
	}
	return strings.TrimLeft(b.String(), ".-_")
}
