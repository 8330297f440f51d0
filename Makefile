# Works from a fresh clone with Go in PATH; what else is needed is installed
# from Debian's packages if one is root, else named.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := build

# A clone may belong to somebody else, to whom git would refuse its answers.
export GOFLAGS := $(GOFLAGS) -buildvcs=false

NEED := .ci/need
TESTS_NEED := cc=gcc /usr/lib32/crt1.o=gcc-multilib /usr/include/linux/fs.h=linux-libc-dev /usr/include/stdio.h=libc6-dev make=make git=git \
	python3=python3 perl=perl strace=strace gdb=gdb tar=tar setpriv=util-linux getfattr=attr getfacl=acl setcap=libcap2-bin musl-gcc=musl-tools \
	/usr/lib/python3.11/test/test_os.py=libpython3.11-testsuite
# What the suites of others need beside, in the long form.
SUITES_NEED := stress-ng=stress-ng
TIMEOUT ?= 20m
PACKAGES ?= ./...
# Flags of internal/tally, for .ci/run.
TALLY ?=

.PHONY: build test race lint generate bench bench-root debian-root benchonce randomcalls randommounts differential leaks suites faults width fuzz demo clean

build: ## bin/veduta
	CGO_ENABLED=0 go build -ldflags="-E _veduta_start" -o bin/veduta ./cmd/veduta

test: ## all tests; the counts are the last line
	@$(NEED) $(TESTS_NEED)
	@go test -json -timeout $(TIMEOUT) $(PACKAGES) | go run ./internal/tally $(TALLY)

race: ## all tests under the race detector
	@$(NEED) $(TESTS_NEED)
	@CGO_ENABLED=1 go test -race -json -timeout 40m $(PACKAGES) | go run ./internal/tally

lint: ## gofmt, go vet for both CPUs, staticcheck
	@bad=$$(gofmt -l $$(find . -name '*.go' -not -path './.*')); \
		[ -z "$$bad" ] || { echo "gofmt would change:" $$bad; exit 1; }
	go vet ./...
	GOARCH=arm64 go vet ./...
	go tool staticcheck ./...

# What git has to say must be the same before and after.
state = git -c safe.directory='*' diff; git -c safe.directory='*' status --porcelain

generate: ## generated files anew; fails if that changed any
	@$(NEED) /usr/include/asm-generic/unistd.h=linux-libc-dev git=git
	@before=$$($(state)); go generate ./... || exit 1; \
		[ "$$before" = "$$($(state))" ] || { $(state) | cat; echo "go generate changed files: commit them"; exit 1; }

# The workloads lie beside a checkout, not in it.
COMPARE ?= ../shared/bench/compare
RUNS ?= 3
WORKLOADS ?=
VIEW := -0 --cow --rm

bench: build ## CPU over native, beside peers
	@$(NEED) python3=python3 git=git gcc=gcc make=make proot=proot strace=strace
	@[ -x $(COMPARE) ] || { echo "no $(COMPARE); give it with COMPARE="; exit 1; }
	@wrappers=("veduta=bin/veduta run $(VIEW) --" "trace=bin/veduta run --engine trace $(VIEW) --" \
		"notify=bin/veduta run --engine notify $(VIEW) --"); \
		! command -v strace >/dev/null || wrappers+=("strace=strace -f -o /dev/null"); \
		! command -v proot >/dev/null || wrappers+=("proot=proot -0 -r /"); \
		BENCH_DATA=$${BENCH_DATA:-.bench} $(COMPARE) -n $(RUNS) $(if $(WORKLOADS),-w $(WORKLOADS)) "$${wrappers[@]}"

bench-root: build ## the same in another root directory, beside chroot and proot -r; as root
	@$(NEED) proot=proot mmdebstrap=mmdebstrap unshare=util-linux
	@[ -x $(COMPARE) ] || { echo "no $(COMPARE); give it with COMPARE="; exit 1; }
	@RUNS=$(RUNS) WORKLOADS=$(WORKLOADS) demo/bench-root.sh $(COMPARE) bin/veduta $(ROOT)

debian-root: build ## debootstrap, apt-get and a compiler in a root of one's own, without root
	@$(NEED) debootstrap=debootstrap wget=wget
	@demo/debian-root.sh

benchonce: ## each Go benchmark once, so that none rots
	go test -run '^$$' -bench . -benchtime 1x -timeout 8m ./...

# How many random calls are compared in each view, from which seed (0: another
# one each time), in which views (all), and with BITS=32 by a 32-bit program.
CALLS ?= 1000000
SEED ?= 0
VIEWS ?=
BITS ?=

randomcalls: build ## random system calls, natively and in views
	@$(NEED) $(TESTS_NEED)
	@VEDUTA_TEST_CALLS=$(CALLS) VEDUTA_TEST_SEED=$(SEED) VEDUTA_TEST_VIEW="$(VIEWS)" \
		go test -count=1 -timeout 24h -run "TestRandomCalls$(BITS)$$" ./integration

# How many runs of random operations with mounts are compared.
MOUNTS ?= 1000

randommounts: build ## random mounts and what is done among them, by real root and in views
	@$(NEED) $(TESTS_NEED)
	@VEDUTA_TEST_MOUNTS=$(MOUNTS) VEDUTA_TEST_SEED=$(SEED) go test -count=1 -timeout 24h -run TestRandomMounts ./integration

differential: build ## the comparisons of views with the kernel, at length
	@$(NEED) $(TESTS_NEED)
	@go test -json -count=1 -timeout 60m -run Differential ./integration | go run ./internal/tally

SUITES ?= all
VIEWS ?=
ENGINES ?=
CALLERS ?=

suites: build ## others' test suites natively and in views; SUITES="go/os go/net*" VIEWS= ENGINES= CALLERS= choose
	@$(NEED) $(TESTS_NEED) $(SUITES_NEED)
	@VEDUTA_TEST_BINARY=$(CURDIR)/bin/veduta VEDUTA_SUITES="$(SUITES)" VEDUTA_SUITES_VIEWS="$(VIEWS)" \
		VEDUTA_SUITES_ENGINES="$(ENGINES)" VEDUTA_SUITES_CALLERS="$(CALLERS)" \
		go test -v -count=1 -timeout 6h -run '^TestSuites$$' ./integration

faults: build ## the monitor's own calls fail in every way; the monitor of a build is killed KILLS times, commits on a disk wherever they can be
	@$(NEED) $(TESTS_NEED)
	@VEDUTA_TEST_FAULTS=1 VEDUTA_TEST_KILLS=$(or $(KILLS),200) go test -json -count=1 -timeout 30m \
		-run 'FaultsOfTheMonitor|KilledBuild|FullStore|NoStranding|FarFileSystem' ./integration | go run ./internal/tally
	@VEDUTA_TEST_DISK=1 go test -json -count=1 -timeout 30m ./session/review | go run ./internal/tally

width: build ## what idle guests cost the monitor, and many busy ones each other
	@VEDUTA_TEST_WIDTH=1 go test -run '^$$' -bench 'IdleTasks|BusyTasks' -benchtime 1x ./integration

leaks: build ## what the monitor holds before and after PROCESSES=10000 processes
	@VEDUTA_TEST_BINARY=$(CURDIR)/bin/veduta VEDUTA_PROCESSES=$(or $(PROCESSES),10000) \
		go test -v -count=1 -timeout 30m -run '^TestNothingStays$$' ./integration

# How long each target runs, or how often (1000x).
FUZZ ?= 60s

fuzz: ## each fuzz target for FUZZ=60s
	@.ci/fuzz $(FUZZ)

demo: build ## the main job on real input
	@demo/demo.sh bin/veduta

clean:
	rm -rf bin .bench
