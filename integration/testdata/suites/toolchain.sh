# Go's tools on a small module: a line for each step, "step NAME pass" or
# "step NAME fail".
step() {
	name=$1
	shift
	if "$@"; then echo "step $name pass"; else echo "step $name fail"; fi
}
mkdir -p m/in && cd m || exit
printf 'module example.test/m\n\ngo 1.24\n' >go.mod
cat >main.go <<'X'
package main

import (
	"fmt"
	"os"

	"example.test/m/in"
)

func main() { fmt.Println(in.Twice(len(os.Args))) }
X
printf 'package in\n\nfunc Twice(n int) int { return 2 * n }\n' >in/in.go
cat >in/in_test.go <<'X'
package in

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestTwice(t *testing.T) {
	if Twice(2) != 4 {
		t.Error("wrong")
	}
}

func TestProgram(t *testing.T) {
	f := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(f, []byte("#!/bin/sh\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(f).Run(); err == nil || err.Error() != "exit status 3" {
		t.Error(err)
	}
}
X
export CGO_ENABLED=0
step build go build -trimpath -o prog .
step run test "$(./prog a b)" = 6
step again go build -trimpath -o prog2 .
step same cmp prog prog2
step vet go vet ./...
step test go test -count=1 ./...
step list test "$(go list ./... | wc -l)" = 2
step install env GOBIN="$PWD/bin" go install .
step clean go clean ./...
echo 'func f() { fmt.Printf("%d", "x") }' >>main.go
step mistake sh -c '! go vet . 2>/dev/null'
step format test "$(gofmt -l . | wc -l)" = 1
