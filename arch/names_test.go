package arch

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// xsys reads the numbers that golang.org/x/sys generated from the kernel's
// source, independently of our generator.
func xsys(t *testing.T, goarch string) map[string]int {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "golang.org/x/sys/unix").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	src, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "zsysnum_linux_"+goarch+".go"))
	if err != nil {
		t.Fatal(err)
	}
	nrs := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^\s+SYS_(\w+)\s+= (\d+)`).FindAllSubmatch(src, -1) {
		nr, _ := strconv.Atoi(string(m[2]))
		nrs[strings.ToLower(string(m[1]))] = nr
	}
	// It keeps the marker for the range 244 to 259, which is no call.
	delete(nrs, "arch_specific_syscall")
	return nrs
}

func TestNumbersAgreeWithXSys(t *testing.T) {
	for _, goarch := range []string{"amd64", "arm64", "386"} {
		want := xsys(t, goarch)
		got := map[string]int{}
		for _, name := range Names() {
			if nr, ok := NumberOn(goarch, name); ok {
				got[name] = nr
			}
		}
		if len(want) < 300 {
			t.Fatalf("%s: x/sys has only %d calls", goarch, len(want))
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if nr, ok := got[name]; !ok || nr != want[name] {
				t.Errorf("%s: %s is %d (%v), x/sys says %d", goarch, name, nr, ok, want[name])
			}
		}
		for name, nr := range got {
			if _, ok := want[name]; !ok {
				t.Errorf("%s: %s %d is not in x/sys", goarch, name, nr)
			}
		}
	}
}

func TestNameIsInverseOfNumber(t *testing.T) {
	known := 0
	for nr := -2; nr <= MaxNumber+2; nr++ {
		name := Name(nr)
		if name == "" {
			continue
		}
		known++
		if back, ok := Number(name); !ok || back != nr {
			t.Errorf("Number(Name(%d)) = %d, %v", nr, back, ok)
		}
	}
	if known < 300 {
		t.Errorf("only %d numbers have a name", known)
	}
	if Name(MaxNumber) == "" {
		t.Errorf("MaxNumber %d has no name", MaxNumber)
	}
}

func TestCompatNumbers(t *testing.T) {
	known := 0
	for nr := Compat; nr <= MaxCompat+2; nr++ {
		name := Name(nr)
		if name == "" {
			continue
		}
		known++
		if back, ok := CompatNumber(name); !ok || back != nr || !IsCompat(nr) || Raw(nr) != nr-Compat {
			t.Errorf("CompatNumber(Name(%d)) = %d, %v", nr, back, ok)
		}
		if NumberFor(Raw(nr), CompatAuditArch) != nr || NumberFor(Raw(nr), AuditArch) != Raw(nr) {
			t.Errorf("NumberFor(%d): not its inverse", Raw(nr))
		}
		if twin := Twin(nr); twin >= 0 && Name(twin) != name {
			t.Errorf("the twin of %s is %s", name, Name(twin))
		}
	}
	if maxCompat >= 0 && known < 400 {
		t.Errorf("only %d numbers have a name", known)
	}
}

func TestUnknown(t *testing.T) {
	for _, nr := range []int{-1, MaxNumber + 1, 400, X32Bit | 1<<30, 1 << 40} {
		if name := Name(nr); name != "" {
			t.Errorf("Name(%#x) = %q", nr, name)
		}
	}
	for _, name := range []string{"", "nope", "zzz", "read2"} {
		if nr, ok := Number(name); ok {
			t.Errorf("Number(%q) = %d", name, nr)
		}
	}
	if _, ok := NumberOn("arm64", "open"); ok {
		t.Error("arm64 has no open")
	}
}

func TestNamesAreSortedAndUnique(t *testing.T) {
	names := Names()
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Error("the search in Number needs sorted, unique names")
	}
}
