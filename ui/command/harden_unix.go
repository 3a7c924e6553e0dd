//go:build unix

package command

import (
	"os"

	"golang.org/x/sys/unix"
)

// noCores has this process leave no core file, and its children neither until
// it is taken back: what exec runs is a person's own.
func noCores() (takeBack func()) {
	var limit unix.Rlimit
	if os.Getenv(unshielded) != "" || unix.Getrlimit(unix.RLIMIT_CORE, &limit) != nil {
		return func() {}
	}
	former := limit
	limit.Cur = 0
	if unix.Setrlimit(unix.RLIMIT_CORE, &limit) != nil {
		return func() {}
	}
	return func() { _ = unix.Setrlimit(unix.RLIMIT_CORE, &former) }
}
