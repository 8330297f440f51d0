package integration

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// stressClasses are stress-ng's classes of stressors that are about the
// kernel. A stressor of several belongs to the first.
var stressClasses = []string{"filesystem", "pipe", "interrupt", "network", "vm", "scheduler", "io", "device", "os"}

// unstressed are the stressors that are left out, by the reason.
var unstressed = map[string][]string{
	"takes memory, or the room of a file system, until there is none": {
		"bigheap", "brk", "dev-shm", "forkheavy", "mlockmany", "mmapfork", "mmaphuge", "mmapmany", "oom-pipe",
		"pageswap", "physpage", "resources", "stack", "tmpfs", "vforkmany",
	},
	"changes the machine: its mounts, CPUs, memory, firmware, devices": {
		"apparmor", "bind-mount", "binderfs", "cpu-online", "dev", "efivar", "idle-page", "klog", "kvm", "loop",
		"memhotplug", "netdev", "pci", "plugin", "ramfs", "rawdev", "reboot", "rtc", "swap", "sysfs", "umount",
		"watchdog",
	},
	"holds a CPU at a real-time priority, or loads the network": {
		"cyclic", "icmp-flood", "race-sched", "softlockup", "udp-flood",
	},
	"makes random calls until one of them ends it":                {"opcode", "sysinval"},
	"waits for its time to be over where it is traced by another": {"vm-segv"},
}

// stressOps bounds what a stressor does, and stressTime how long, in seconds.
const stressOps, stressTime = "20", "3"

func stressSuites() (list []*suite) {
	for i, class := range stressClasses {
		list = append(list, &suite{
			name:     "stress-ng/" + class,
			prepare:  func(t *testing.T) []errand { return stressErrands(t, class, stressClasses[:i]) },
			verdicts: stressVerdicts,
		})
	}
	return list
}

// stressErrands are the stressors of a class that are not of one before it.
func stressErrands(t *testing.T, class string, before []string) (list []errand) {
	seen := stressorsOf(t, before...)
	for _, names := range unstressed {
		seen = append(seen, names...)
	}
	for _, s := range stressorsOf(t, class) {
		if !slices.Contains(seen, s) {
			list = append(list, errand{
				argv:     []string{"stress-ng", "--" + s, "1", "--" + s + "-ops", stressOps, "-t", stressTime, "--verify", "--temp-path", "."},
				patience: time.Minute,
			})
		}
	}
	return list
}

func stressorsOf(t *testing.T, classes ...string) (all []string) {
	for _, c := range classes {
		out, err := exec.Command("stress-ng", "--class", c+"?").CombinedOutput() // it exits with 1
		_, names, ok := strings.Cut(string(out), "stressors: ")
		if !ok {
			t.Skipf("stress-ng: %v\n%s", err, out)
		}
		all = append(all, strings.Fields(names)...)
	}
	return all
}

var (
	stressName = regexp.MustCompile(`dispatching hogs: 1 (\S+)`)
	stressSkip = regexp.MustCompile(`skipp|not implemented|cannot be run|aborting|not supported`)
)

func stressVerdicts(output string) verdicts {
	name := stressName.FindStringSubmatch(output)
	switch {
	case name == nil:
		return nil
	case strings.Contains(output, "fail:"), !strings.Contains(output, " successful run completed"):
		return verdicts{name[1]: failed}
	case stressSkip.MatchString(output):
		return verdicts{name[1]: skipped}
	}
	return verdicts{name[1]: passed}
}
