package command

import (
	"os"

	"golang.org/x/sys/unix"
)

// shield keeps other processes of the same user, debuggers and core files away
// from the memory and the environment of this process.
func shield() {
	if os.Getenv(unshielded) == "" {
		_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // a sandbox may forbid it; doctor tells
	}
}

// isShielded reports whether that worked.
func isShielded() bool {
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	return err == nil && dumpable == 0
}
