package laws

import "strings"

// room is a package or, with a final "/*", the packages in a folder.
type room struct {
	name string
	may  []string // what it may import, in the same spelling
}

// rooms are listed from the top down; imports point only downward. A package
// that is in no room is a complaint, so that a new one finds its place here
// first.
var rooms = []room{
	{"integration", nil},
	{"internal/*", nil},
	{"cmd/veduta", []string{"monitor", "monitor/*", "modules", "modules/*", "netview", "netview/*", "session", "session/*",
		"cred", "vfs", "vfs/*", "ptrace", "ptrace/*", "arch"}},
	{"session/*", []string{"session", "session/*", "vfs", "vfs/*", "cred", "hostpath"}},
	{"session", []string{"vfs", "vfs/*", "cred"}},
	{"modules/*", []string{"modules", "modules/*", "netview", "netview/*", "vfs", "vfs/*", "cred"}},
	{"monitor", []string{"monitor/*", "modules", "netview", "vfs", "cred", "hostpath", "ptrace", "ptrace/*", "arch"}},
	{"monitor/binfmt", []string{"vfs", "cred", "hostpath", "arch"}},
	{"monitor/*", []string{"arch"}},
	{"modules", []string{"netview", "vfs", "cred"}},
	{"netview/*", []string{"netview", "netview/*"}},
	{"netview", nil},
	{"cred", []string{"vfs"}},
	{"vfs/*", []string{"vfs", "vfs/*", "hostpath"}},
	{"vfs", []string{"hostpath"}},
	{"hostpath", nil},
	{"ptrace/*", []string{"ptrace", "ptrace/*", "arch"}},
	{"ptrace", []string{"arch"}},
	{"arch", nil},
}

// testsOnly are packages that no program may import.
var testsOnly = []string{"vfs/vfstest"}

// in tells whether a package is the one, or one of those, that name means.
func in(pkg, name string) bool {
	if folder, ok := strings.CutSuffix(name, "/*"); ok {
		return strings.HasPrefix(pkg, folder+"/")
	}
	return pkg == name
}

// roomOf is the room of a package, nil if it has none.
func roomOf(pkg string) *room {
	for i := range rooms {
		if in(pkg, rooms[i].name) {
			return &rooms[i]
		}
	}
	return nil
}

// strayImports are the complaints about the imports of a package, all given by
// their folder in this module. A test may import its own package.
func strayImports(pkg string, imports []string, test bool) (complaints []string) {
	r := roomOf(pkg)
	if r == nil {
		return []string{pkg + ": in no room; give it one in internal/laws/layout_test.go"}
	}
	for _, i := range imports {
		if test && (i == pkg || i == "vfs/hostfs") {
			continue // tests may take the host for their file system
		}
		allowed := false
		for _, name := range r.may {
			allowed = allowed || in(i, name)
		}
		for _, t := range testsOnly {
			allowed = allowed && (test || !in(i, t))
		}
		if !allowed {
			complaints = append(complaints, pkg+" imports "+i)
		}
	}
	return complaints
}
