//go:build unix

package plain

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// readable waits until something can be read, for a while.
func readable(file *os.File, within time.Duration) (bool, error) {
	fds := []unix.PollFd{{Fd: int32(file.Fd()), Events: unix.POLLIN}} //nolint:gosec // a descriptor fits
	n, err := unix.Poll(fds, int(within/time.Millisecond))
	if errors.Is(err, unix.EINTR) {
		return false, nil
	}
	return n > 0, err
}
