package integration

import (
	"fmt"
	"strings"
)

// names are few, so that calls meet. What is planted under them is in
// plantation.
var names = []string{"a", "b", "d", "e", "f", "g", "l", "m", "p", "s", "x", "y"}

func (g *generator) name() string {
	switch g.one(40) {
	case 0:
		return `""n"*255"`
	case 1:
		return `""n"*256"`
	}
	return pick(g, names)
}

// planted are paths of the initial tree.
var planted = []string{"f", "g", "b", "d", "y", "l", "m", "p", "x", "d/f", "d/g", "d/e", "d/e/f", "d/b", "d/a", "d/y", "d/l", "d/m",
	"d/p", "d/s", "y/a", "y/g", "y/s", "y/m", "y/l", "y/x", "y/y", "l/f", "l/e"}

// plainPath is one that was planted, or of one to three names.
func (g *generator) plainPath() string {
	if g.one(2) == 0 {
		return pick(g, planted)
	}
	parts := []string{pick(g, []string{"d", "d/e", "y", "l", "d", "."}), g.name()}
	switch g.one(8) {
	case 0, 1, 2, 3:
		parts = parts[1:]
	case 4:
		parts = append(parts, g.name())
	}
	return strings.Join(parts, "/")
}

// path is a path of a call that changes nothing: also one outside of the case.
func (g *generator) path() string {
	if g.one(60) == 0 {
		return `"` + pick(g, []string{"/dev/null", "/proc/self/root$", "/nonexistent/x", "/proc/self/fd", "/dev/null/x"}) + `"`
	}
	return g.inside()
}

// inside is a path argument, odd one time in five.
func (g *generator) inside() string {
	p := g.plainPath()
	switch g.one(80) {
	case 0:
		p += "/"
	case 1:
		p += "/."
	case 2:
		p = "./" + p
	case 3, 4:
		p = "$/" + p
	case 5:
		p = strings.ReplaceAll(p, "/", "//")
	case 6:
		p = fmt.Sprintf("/proc/self/fd/%d", g.one(9))
	case 7:
		p = fmt.Sprintf("/proc/self/fd/%d/%s", g.one(9), p)
	case 8:
		p = "/proc/self/cwd/" + p
	case 9:
		p = pick(g, []string{".", "$", "/proc/self/root$/f", "/proc/thread-self/cwd", "/proc/self/cwd"})
	case 10:
		p = ""
	case 11, 12:
		return pick(g, []string{"0", "1", "-1", "0xffff800000000000", "0x7ffffffff000"})
	case 13:
		return `u"` + p + `"`
	case 14, 15:
		return `e"` + p + `"`
	case 16:
		return pick(g, []string{`"./"*2047"d"`, `"./"*2047"dd"`, `e"./"*2047"."`, `u"./"*2047`, `u"a"*4096`, `e"a"*4096`, `"d/"*40"f"`})
	case 17, 18:
		if g.dots {
			p = pick(g, []string{"..", p + "/..", p + "/../" + g.plainPath(), "d/../f"})
		}
	}
	return `"` + p + `"`
}

// target is the text of a symbolic link.
func (g *generator) target() string {
	switch g.one(8) {
	case 0:
		return `"$/` + g.plainPath() + `"`
	case 1:
		return `"` + pick(g, []string{".", "l", "m", "$", "/proc/self/cwd", "d/"}) + `"`
	case 2:
		return g.inside()
	}
	return `"` + g.plainPath() + `"`
}

func (g *generator) dirfd() string {
	switch g.one(12) {
	case 0, 1, 2:
		return fmt.Sprint(g.one(7))
	case 4:
		return pick(g, []string{"-1", "1000", "-99", "0x80000000", "0x7fffffff"})
	case 5:
		return "0x1ffffff9c" // AT_FDCWD, with more above its 32 bits
	}
	return "-100"
}

func (g *generator) fd() string {
	switch g.one(25) {
	case 0:
		return pick(g, []string{"-1", "1000", "-100", "0x80000000"})
	case 1:
		return fmt.Sprintf("0x1%08x", g.one(8))
	}
	return fmt.Sprint(g.one(7))
}

// bits is an or of some of the bits given, sometimes with one that is none.
func bits(chance int, of ...uint64) argument {
	return func(g *generator) string {
		var v uint64
		for _, b := range of {
			if g.one(chance) == 0 {
				v |= b
			}
		}
		switch g.one(60) {
		case 0:
			v |= 1 << g.one(32)
		case 1:
			v |= 1 << (32 + g.one(32))
		}
		return fmt.Sprintf("%#x", v)
	}
}

// oneOf is one of some words.
func oneOf(words ...string) argument {
	return func(g *generator) string { return pick(g, words) }
}

func (g *generator) mode() string {
	return "0" + pick(g, []string{"644", "600", "755", "700", "777", "444", "000", "4755", "2755", "1777", "2644", "6711", "0100644", "7777", "0", "111", "040755", "37777777777"})
}

func (g *generator) id() string {
	return pick(g, []string{"0", "0", "1", "12", "1000", "1001", "-1", "0xffffffff", "65534", "61234", "0x100000000", "0xfffffffe"})
}

func (g *generator) size() string {
	return pick(g, []string{"0", "1", "3", "5", "100", "4096", "5000", "-1", "0x7fffffffffffffff", "100000"})
}

// times are two timespecs of long ago, or now or not at all.
func (g *generator) times() string {
	if g.one(12) == 0 {
		return pick(g, []string{"0", "1", "-1", "<00>"})
	}
	return "<" + g.timespec() + g.timespec() + ">"
}

func (g *generator) timespec() string {
	nsec := uint64(g.one(1000))
	switch g.one(12) {
	case 0:
		nsec = 0x3fffffff // UTIME_NOW
	case 1:
		nsec = 0x3ffffffe // UTIME_OMIT
	case 2:
		nsec = 1e9
	}
	return word64(uint64(1e6+g.one(1e6))) + word64(nsec)
}

// word64 is a number as its bytes in memory.
func word64(v uint64) string {
	var b strings.Builder
	for range 8 {
		fmt.Fprintf(&b, "%02x", byte(v))
		v >>= 8
	}
	return b.String()
}

// output is room for n bytes, or none that can be written.
func output(what string) argument {
	return func(g *generator) string {
		if g.one(40) == 0 {
			return pick(g, []string{"0", "1", "-1", "0xffff800000000000", `"x"`})
		}
		return ">" + what
	}
}

func (g *generator) xattrName() string {
	if g.one(15) == 0 {
		return pick(g, []string{`"user."`, `"user"`, `""`, "0", "1", `"x"*255`, `"user.""x"*250`, `"user.""x"*251`, `u"user.a"`, `e"user.a"`,
			`"trusted.overlay.opaque"`, `"user.overlay.opaque"`, `"user.overlay.x"`, `"user.rootlesscontainers"`, `"system.x"`, `"unknown.x"`, `"security.x"`})
	}
	return pick(g, []string{`"user.a"`, `"user.a"`, `"user.b"`, `"trusted.a"`, `"security.a"`, `"system.posix_acl_access"`})
}

// xattrValue is a value and its size.
func (g *generator) xattrValue() string {
	switch g.one(12) {
	case 0:
		return pick(g, []string{"0 0", "0 3", "1 3", "<> 0", "<00> 65537", "<6162> 3", "<61> -1"})
	case 1:
		return "<0200000001000600ffffffff04000400ffffffff20000400ffffffff> 28" // a minimal ACL
	case 2:
		return "<0200000001000600ffffffff02000700e803000004000400ffffffff10000700ffffffff20000400ffffffff> 44"
	}
	return pick(g, []string{"<616263> 3", "<31> 1", "<> 0", `"v"*100 100`, "<00ff> 2"})
}

// address is an AF_UNIX address and its length.
func (g *generator) address() string {
	p := g.plainPath()
	switch g.one(10) {
	case 0:
		return pick(g, []string{"0 0", "1 16", `"\x01\x00" 2`, `"\x01\x00" 1`, `"\x02\x00\x00\x00\x00" 16`, `"\x01\x00p" -1`, `"\x01\x00""p"*108 110`, `"\x01\x00""p"*107 110`,
			`"\x01\x00""p"*109 111`, `u"\x01\x00s" 20`})
	case 1:
		return `"\x01\x00$/` + p + `" 110`
	case 2:
		return `u"\x01\x00s" 3`
	}
	if strings.Contains(p, "*") {
		p = "s"
	}
	return fmt.Sprintf(`"\x01\x00%s" %d`, p, 3+len(p))
}

// openHow is struct open_how with its size.
func (g *generator) openHow() string {
	flags := openFlags(g)
	var v uint64
	fmt.Sscanf(flags, "0x%x", &v)
	mode := uint64(0)
	if v&0x40 != 0 || v&0x410000 == 0x410000 || g.one(20) == 0 {
		mode = 0o640
	}
	resolve := uint64(0)
	for b := range 6 {
		if g.one(6) == 0 {
			resolve |= 1 << b
		}
	}
	resolve &^= 0x21 // RESOLVE_CACHED may always answer EAGAIN; a view has no mounts of the host's
	if g.one(20) == 0 {
		return "<" + word64(v) + word64(mode) + word64(resolve) + word64(uint64(g.one(2))) + "> " + pick(g, []string{"32", "24", "0", "8", "4097"})
	}
	return "<" + word64(v) + word64(mode) + word64(resolve) + "> 24"
}

// openFlags are flags of open, mostly ones that make sense together.
func openFlags(g *generator) string {
	v := pick(g, []uint64{0, 0, 1, 2, 2, 3})
	for _, b := range []struct {
		bit    uint64
		chance int
	}{{0x40, 3}, {0x80, 8}, {0x200, 5}, {0x400, 8}, {0x10000, 6}, {0x20000, 7}, {0x200000, 7}, {0x80000, 6}, {0x40000, 30}, {0x410000, 25}} {
		if g.one(b.chance) == 0 {
			v |= b.bit
		}
	}
	if g.one(100) != 0 {
		v |= 0x800 // O_NONBLOCK: or it waits for the timer
	}
	if g.one(80) == 0 {
		v |= 1 << g.one(64)
		v &^= 0x1000 | 0x2000 | 0x4000 // SYNC, ASYNC and DIRECT are the file system's matter
	}
	return fmt.Sprintf("%#x", v)
}
