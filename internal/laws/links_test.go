package laws

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var link = regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)

// deadLinks are the relative links of a page that lead nowhere.
func deadLinks(dir, text string) (dead []string) {
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		if strings.Contains(m[1], "://") {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, m[1])); err != nil {
			dead = append(dead, m[1])
		}
	}
	return dead
}

func TestLinksLeadSomewhere(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"*.md", "doc/*.md", "doc/*/*.md", "changelog/*/*.md"} {
		found, err := filepath.Glob(root + "/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	if len(pages) == 0 {
		t.Fatal("no pages")
	}
	for _, p := range pages {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range deadLinks(filepath.Dir(p), string(text)) {
			t.Errorf("%s: %s is not there", p, d)
		}
	}
	if len(deadLinks(root, "[a](nowhere.md)")) != 1 {
		t.Error("a dead link goes unseen")
	}
}
