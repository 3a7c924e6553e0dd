package flows

import (
	"errors"

	"gitgrant/keyring"
)

// Mute says of a runtime whether anybody wants to be notified about it. It
// stays in the list and is checked like all others.
func (d *Desk) Mute(runtime string, muted bool) error {
	err := d.Ring.Mute(runtime, muted)
	if errors.Is(err, keyring.ErrNotFound) {
		return ErrUnknownRuntime
	}
	return err
}
