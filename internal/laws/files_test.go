package laws

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// maxLines is the length from which a file is about more than one thing.
const maxLines = 500

func tooLong(s *source) bool { return s.lines > maxLines && !s.generated }

func TestFilesAreShort(t *testing.T) {
	each(t, func(s *source) {
		if tooLong(s) {
			t.Errorf("%s has %d lines; at most %d", s.path, s.lines, maxLines)
		}
	})
	if !tooLong(&source{lines: maxLines + 1}) {
		t.Error("a long file goes unseen")
	}
}

// emptyNames say nothing about what is in a package or file.
var emptyNames = []string{"util", "utils", "common", "helper", "helpers", "manager", "misc", "base"}

func emptyName(path string) bool {
	for _, part := range strings.Split(strings.TrimSuffix(path, ".go"), "/") {
		for _, word := range strings.Split(part, "_") {
			if slices.Contains(emptyNames, word) {
				return true
			}
		}
	}
	return false
}

func TestNamesSaySomething(t *testing.T) {
	each(t, func(s *source) {
		if emptyName(s.path) || emptyName(strings.TrimSuffix(s.ast.Name.Name, "_test")) {
			t.Errorf("%s (package %s): no util, common, helper, manager", s.path, s.ast.Name.Name)
		}
	})
	for _, p := range []string{"vfs/util/a.go", "vfs/helper_test.go", "common"} {
		if !emptyName(p) {
			t.Errorf("%s goes unseen", p)
		}
	}
}

// Every package has exactly one package doc, so that its sentences stand in
// one place.
func TestOnePackageDoc(t *testing.T) {
	docs, named := map[string][]string{}, map[string]string{}
	each(t, func(s *source) {
		if s.test || s.ignored() {
			return
		}
		named[s.pkg] = s.ast.Name.Name
		if s.ast.Doc != nil {
			docs[s.pkg] = append(docs[s.pkg], s.path)
			if want := opening(s.ast); !strings.HasPrefix(s.ast.Doc.Text(), want) {
				t.Errorf("%s: the package doc begins with %q", s.path, want)
			}
		}
	})
	for pkg := range named {
		if len(docs[pkg]) != 1 {
			t.Errorf("%s has %d package docs: %v", pkg, len(docs[pkg]), docs[pkg])
		}
	}
}

func opening(f *ast.File) string {
	if f.Name.Name == "main" {
		return "Command "
	}
	return "Package " + f.Name.Name + " "
}

// Only arch has a file per CPU; tests may.
func TestOnlyArchKnowsCPUs(t *testing.T) {
	each(t, func(s *source) {
		if s.pkg != "arch" && !s.test && perCPU(s.path) {
			t.Errorf("%s: only arch has a file per CPU", s.path)
		}
	})
	if !perCPU("vfs/stat_arm64.go") {
		t.Error("a file per CPU goes unseen")
	}
}

func perCPU(path string) bool {
	return strings.HasSuffix(path, "_amd64.go") || strings.HasSuffix(path, "_arm64.go")
}
