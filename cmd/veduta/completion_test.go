package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestCompletionNamesEveryFlag(t *testing.T) {
	bash, fish := bashCompletion(), fishCompletion()
	for _, c := range commands() {
		_, line, ok := strings.Cut(bash, "\t"+c.name+") flags=\"")
		line, _, _ = strings.Cut(line, "\"")
		if !ok {
			t.Errorf("bash: no flags of %s", c.name)
		}
		c.eachFlag(func(f *pflag.Flag) {
			if !strings.Contains(" "+line+" ", " --"+f.Name+" ") {
				t.Errorf("bash: %s lacks --%s", c.name, f.Name)
			}
			if !strings.Contains(fish, "__fish_seen_subcommand_from "+c.name+"' -l "+f.Name+" ") {
				t.Errorf("fish: %s lacks --%s", c.name, f.Name)
			}
		})
	}
}

func TestFishQuotesAreBalanced(t *testing.T) {
	for line := range strings.Lines(fishCompletion()) {
		if strings.Count(strings.ReplaceAll(line, `\'`, ""), "'")%2 != 0 {
			t.Error(line)
		}
	}
}

func TestBashCompletes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("what completes is bash:", err)
	}
	for _, c := range []struct{ words, want string }{
		{"veduta dis", "discard"},
		{"veduta run --engine no", "notify"},
		{"veduta try --on-e", "--on-exit"},
		{"veduta completion fi", "fish"},
		{"veduta diff web", "web-1"},
	} {
		script := bashCompletion() + `veduta() { echo web-1; echo mail; }
COMP_WORDS=(` + c.words + `); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _veduta; echo "${COMPREPLY[*]}"`
		out, err := exec.Command(bash, "--norc", "-c", script).CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != c.want {
			t.Errorf("%s: completed to %q (%v), want %q", c.words, got, err, c.want)
		}
	}
}
