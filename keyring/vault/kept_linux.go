package vault

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// The key in the user's keyring of the kernel: its owner may find and read it
// from any session, also from one that does not possess it, as a command that
// git starts under cron does not.
const keptPerm = 0x3f000000 | // whoever possesses it: everything
	0x00010000 | 0x00020000 | 0x00080000 // its owner: view, read, search

const keptType = "user"

// keeps reports why the kernel would not keep anything; nil where it would.
func keeps() error {
	_, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_USER_KEYRING, true)
	return err
}

// keep stores a text in the kernel, which forgets it after a while. The key is
// made in a keyring that ends with this thread, and comes to the user's once it
// has its timeout: killed at any moment, this leaves no key that stays.
func keep(name, text string, period time.Duration) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	id, err := unix.AddKey(keptType, name, []byte(text), unix.KEY_SPEC_THREAD_KEYRING)
	if err != nil {
		return err
	}
	defer func() { _, _ = unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_THREAD_KEYRING, 0, 0) }()
	seconds := max(1, int(period/time.Second))
	if _, err := unix.KeyctlInt(unix.KEYCTL_SET_TIMEOUT, id, seconds, 0, 0); err != nil {
		return err
	}
	if err := unix.KeyctlSetperm(id, keptPerm); err != nil {
		return err
	}
	if _, err := unix.KeyctlInt(unix.KEYCTL_LINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0); err != nil {
		return err
	}
	if _, err := kept(name); err != nil {
		return errors.Join(fmt.Errorf("it cannot be read back: %w", err), drop(name))
	}
	return nil
}

// kept returns what the kernel still has under a name.
func kept(name string) (string, error) {
	id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, keptType, name, 0)
	if err != nil {
		return "", err
	}
	buffer := make([]byte, fileLimit)
	n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, id, buffer, 0)
	if err != nil {
		return "", err
	}
	return string(buffer[:min(n, len(buffer))]), nil
}

// drop takes a text out of the kernel; none is no error.
func drop(name string) error {
	id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, keptType, name, 0)
	if errors.Is(err, unix.ENOKEY) || errors.Is(err, unix.EKEYEXPIRED) || errors.Is(err, unix.EKEYREVOKED) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
	return err
}
