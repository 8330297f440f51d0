package integration

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// compile builds each program of testdata/c into dir. One whose first line
// says static is linked so.
func compile(dir string) error {
	sources, err := filepath.Glob("testdata/c/*.c")
	if err != nil {
		return err
	}
	for _, src := range sources {
		name := strings.TrimSuffix(filepath.Base(src), ".c")
		args := []string{"-O1", "-pthread", "-o", filepath.Join(dir, name), src}
		if strings.HasPrefix(name, "static") {
			args = append(args, "-static")
		}
		if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("gcc %s: %w\n%s", src, err, out)
		}
	}
	return nil
}
