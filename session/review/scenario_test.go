package review

import "golang.org/x/sys/unix"

// scenario is a view's work three times: what lay below, the upper layer that it
// leaves, and the same done natively.
type scenario struct {
	name   string
	below  func(l tree)
	edit   func(e *env, u tree)
	native func(l tree)
	want   string
}

var scenarios = []scenario{
	{
		name:  "add",
		below: func(l tree) { l.mkdir("etc", 0o755) },
		edit: func(e *env, u tree) {
			u.file("etc/new", "1")
			u.file("d/sub/x", "2")
			u.symlink("x", "d/sub/l")
			u.fifo("d/p")
		},
		native: func(l tree) { l.file("etc/new", "1"); l.file("d/sub/x", "2"); l.symlink("x", "d/sub/l"); l.fifo("d/p") },
		want:   "A/d A/d/p A/d/sub A/d/sub/l A/d/sub/x A/etc/new",
	},
	{
		name:  "modify",
		below: func(l tree) { l.file("etc/a", "old"); l.file("etc/b", "old"); l.symlink("a", "etc/l") },
		edit: func(e *env, u tree) {
			e.copyUp(u, "etc/a")
			u.append("etc/a", "!")
			e.copyUp(u, "etc/b")
			u.symlink("b", "etc/l")
		},
		native: func(l tree) { l.append("etc/a", "!"); l.remove("etc/l"); l.symlink("b", "etc/l") },
		want:   "M/etc/a M/etc/l",
	},
	{
		name:  "attributes",
		below: func(l tree) { l.file("a", "x"); l.mkdir("d/e", 0o755); l.file("d/f", "1") },
		edit: func(e *env, u tree) {
			e.copyUp(u, "a")
			u.chmod("a", 0o4711)
			u.setxattr("a", "user.k", "v")
			u.mkdir("d", 0o700)
			u.mkdir("d/e", 0o500)
		},
		native: func(l tree) {
			l.chmod("a", 0o4711)
			l.setxattr("a", "user.k", "v")
			l.chmod("d", 0o700)
			l.chmod("d/e", 0o500)
		},
		want: "M/a M/d M/d/e",
	},
	{
		name: "delete",
		below: func(l tree) {
			l.file("a", "x")
			l.file("d/b", "x")
			l.file("d/e/f", "x")
			l.file("keep/x", "x")
			l.file("keep/y", "y")
		},
		edit:   func(e *env, u tree) { u.whiteout("a"); u.whiteout("d"); u.whiteout("keep/x"); u.whiteout("none") },
		native: func(l tree) { l.remove("a"); l.remove("d"); l.remove("keep/x") },
		want:   "D/a D/d D/d/b D/d/e D/d/e/f D/keep/x",
	},
	{
		name: "delete from closed directories",
		below: func(l tree) {
			l.file("d/a", "x")
			l.file("d/b", "x")
			l.file("g/h/x", "1")
			l.chmod("g/h", 0o500)
			l.chmod("d", 0o555)
		},
		edit: func(e *env, u tree) {
			u.mkdir("d", 0o555)
			u.chmod("d", 0o755)
			u.whiteout("d/a")
			u.chmod("d", 0o555)
			u.whiteout("g/h")
		},
		native: func(l tree) {
			l.chmod("d", 0o755)
			l.remove("d/a")
			l.chmod("d", 0o555)
			l.chmod("g/h", 0o755)
			l.remove("g/h")
		},
		want: "D/d/a D/g/h D/g/h/x",
	},
	{
		name:  "type",
		below: func(l tree) { l.file("a", "x"); l.file("d/b", "x"); l.symlink("d", "s") },
		edit:  func(e *env, u tree) { u.mkdir("a", 0o755); u.file("a/in", "1"); u.file("d", "f"); u.mkdir("s", 0o755) },
		native: func(l tree) {
			l.remove("a")
			l.file("a/in", "1")
			l.remove("d")
			l.file("d", "f")
			l.remove("s")
			l.mkdir("s", 0o755)
		},
		want: "T/a A/a/in T/d D/d/b T/s",
	},
	{
		name:  "opaque",
		below: func(l tree) { l.file("d/a", "1"); l.file("d/b", "2"); l.file("d/e/f", "3"); l.file("d/g/h", "4") },
		edit: func(e *env, u tree) {
			u.opaque("d")
			u.file("d/a", "new")
			u.file("d/c", "x")
			u.mkdir("d/g", 0o755)
			u.file("d/g/i", "y")
		},
		native: func(l tree) { l.remove("d"); l.file("d/a", "new"); l.file("d/c", "x"); l.file("d/g/i", "y") },
		want:   "M/d/a D/d/b A/d/c D/d/e D/d/e/f D/d/g/h A/d/g/i",
	},
	{
		name:  "rename",
		below: func(l tree) { l.file("old/a", "1"); l.file("old/b", "2"); l.file("old/s/c", "3"); l.file("f", "file") },
		edit: func(e *env, u tree) {
			u.redirect("new", "/old")
			u.whiteout("old")
			u.whiteout("new/b")
			u.file("new/n", "n")
			u.file("new/s/c", "changed")
			e.copyUp(u, "f")
			u.rename("f", "g")
			u.whiteout("f")
		},
		native: func(l tree) {
			l.rename("old", "new")
			l.remove("new/b")
			l.file("new/n", "n")
			l.file("new/s/c", "changed")
			l.rename("f", "g")
		},
		want: "R/g</f R/new</old D/new/b</old/b A/new/n M/new/s/c</old/s/c",
	},
	{
		name:  "renames around each other",
		below: func(l tree) { l.file("a/1", "a"); l.file("b/2", "b"); l.file("p/q/r", "r"); l.file("x/y", "y") },
		edit: func(e *env, u tree) {
			u.redirect("a", "/b")
			u.redirect("b", "/a")
			u.redirect("q", "/p/q")
			u.redirect("z/p", "/p")
			u.whiteout("z/p/q")
			u.whiteout("p")
			u.redirect("x2", "/x")
			u.opaque("x")
			u.file("x/y", "another")
		},
		native: func(l tree) {
			l.rename("a", "t")
			l.rename("b", "a")
			l.rename("t", "b")
			l.rename("p/q", "q")
			l.mkdir("z", 0o755)
			l.rename("p", "z/p")
			l.rename("x", "x2")
			l.file("x/y", "another")
		},
		want: "R/a</b R/b</a R/q</p/q A/x A/x/y R/x2</x A/z R/z/p</p",
	},
	{
		name:   "rename over a directory",
		below:  func(l tree) { l.file("a/1", "a"); l.file("b/2", "b") },
		edit:   func(e *env, u tree) { u.redirect("b", "/a"); u.whiteout("a") },
		native: func(l tree) { l.remove("b"); l.rename("a", "b") },
		want:   "R/b</a D/b/2",
	},
	{
		name: "links",
		below: func(l tree) {
			l.file("a", "a")
			l.link("a", "a2")
			l.file("b", "b")
			l.file("c", "c")
			l.file("d", "c")
			l.chmod("d", 0o644)
		},
		edit: func(e *env, u tree) {
			u.file("new1", "n")
			u.link("new1", "new2")
			u.mkdir("sub", 0o755)
			u.link("new1", "sub/new3")
			e.copyUp(u, "a")
			u.append("a", "+")
			u.link("a", "a2")
			e.copyUp(u, "b")
			u.link("b", "b2")
		},
		native: func(l tree) {
			l.file("new1", "n")
			l.link("new1", "new2")
			l.mkdir("sub", 0o755)
			l.link("new1", "sub/new3")
			l.append("a", "+")
			l.link("b", "b2")
		},
		want: "M/a M/a2 A/b2 A/new1 A/new2 A/sub A/sub/new3",
	},
	{
		name:   "link that the layer does not hold",
		below:  func(l tree) { l.file("a", "a"); l.link("a", "elsewhere"); l.chmod("a", 0o4755) },
		edit:   func(e *env, u tree) { e.copyUp(u, "a"); u.append("a", "+"); u.chmod("a", 0o4755) },
		native: func(l tree) { l.append("a", "+"); l.chmod("a", 0o4755) },
		want:   "M/a",
	},
	{
		name:  "whiteouts that are files",
		below: func(l tree) { l.file("a", "a"); l.file("b", "") },
		edit: func(e *env, u tree) {
			u.file("a", "")
			u.setxattr("a", xattrWhiteout, "y")
			u.setxattr(".", xattrOpaque, "x")
		},
		native: func(l tree) { l.remove("a") },
		want:   "D/a",
	},
	{
		name:  "modes of new files",
		below: func(l tree) {},
		edit: func(e *env, u tree) {
			u.file("d/x", "1")
			u.chmod("d/x", 0o2751)
			u.file("d/none", "2")
			u.chmod("d/none", 0)
			u.chmod("d", 0o1555)
		},
		native: func(l tree) {
			l.file("d/x", "1")
			l.chmod("d/x", 0o2751)
			l.file("d/none", "2")
			l.chmod("d/none", 0)
			l.chmod("d", 0o1555)
		},
		want: "A/d A/d/none A/d/x",
	},
	{
		name:   "names that are no text",
		below:  func(l tree) { l.file("a\xff\n", "a") },
		edit:   func(e *env, u tree) { u.whiteout("a\xff\n"); u.file("\xfe/b", "1") },
		native: func(l tree) { l.remove("a\xff\n"); l.file("\xfe/b", "1") },
		want:   "D/a\xff\n A/\xfe A/\xfe/b",
	},
	{
		name:  "sparse",
		below: func(l tree) { l.mkdir("d", 0o755) },
		edit: func(e *env, u tree) {
			u.file("d/s", "head")
			u.ok(unix.Truncate(u.at("d/s"), 1<<20))
			u.append("d/s", "tail")
		},
		native: func(l tree) { l.file("d/s", "head"); l.ok(unix.Truncate(l.at("d/s"), 1<<20)); l.append("d/s", "tail") },
		want:   "A/d/s",
	},
}
