package laws

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/veduta/veduta"
)

// source is one Go file of the module.
type source struct {
	path      string // from the root of the module
	pkg       string // folder
	test      bool
	generated bool
	lines     int
	text      []byte
	ast       *ast.File
}

// generatedLine is what marks a generated file (go help generate).
var generatedLine = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// sources are all Go files of the module, for whatever CPU or tool.
var sources = sync.OnceValues(func() ([]source, error) {
	var all []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != root && (d.Name()[0] == '.' || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(p) != ".go":
			return nil
		}
		s, err := parse(p)
		all = append(all, s)
		return err
	})
	return all, err
})

func parse(p string) (s source, err error) {
	s.path = filepath.ToSlash(strings.TrimPrefix(p, root+"/"))
	s.pkg, s.test = path.Dir(s.path), strings.HasSuffix(p, "_test.go")
	if s.text, err = os.ReadFile(p); err != nil {
		return s, err
	}
	s.generated = generatedLine.Match(s.text)
	s.lines = bytes.Count(s.text, []byte("\n"))
	s.ast, err = parser.ParseFile(token.NewFileSet(), p, s.text, parser.ParseComments|parser.SkipObjectResolution)
	return s, err
}

// ignored tells whether a file belongs to no package: a generator.
func (s *source) ignored() bool { return bytes.HasPrefix(s.text, []byte("//go:build ignore")) }

func (s *source) imports() (list []string) {
	for _, i := range s.ast.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		list = append(list, p)
	}
	return list
}

// each calls f for every Go file.
func each(t *testing.T, f func(*source)) {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("found only %d Go files from %s", len(all), root)
	}
	for i := range all {
		f(&all[i])
	}
}
