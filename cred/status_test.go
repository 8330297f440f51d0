package cred_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
)

// TestStatusLikeKernel compares the lines with those of /proc.
func TestStatusLikeKernel(t *testing.T) {
	for _, groups := range [][]uint32{nil, {7, 5, 7}} {
		err := onThread(func() error {
			rawGroups(unix.SYS_SETGROUPS, uintptr(len(groups)), groups) // refused to users, who keep theirs
			b, err := os.ReadFile("/proc/thread-self/status")
			if err != nil {
				return err
			}
			return sameLines(strings.Split(string(b), "\n"), current())
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func sameLines(status []string, c *cred.Cred) error {
	left := len(cred.StatusKeys)
	for _, line := range status {
		key, _, _ := strings.Cut(line, ":")
		got, ok := c.StatusLine(key)
		if !ok {
			continue
		}
		left--
		if got != line {
			return fmt.Errorf("%q, kernel %q", got, line)
		}
	}
	if left != 0 {
		return fmt.Errorf("%d lines not met", left)
	}
	return nil
}
