package flows

import (
	"context"
	"errors"

	"gitgrant/keyring"
	"gitgrant/providers"
)

// Forgotten is what was deleted from this machine, and how it comes back for
// as long as the program runs.
type Forgotten struct {
	Grants      []keyring.Grant
	credentials map[keyring.Key]keyring.Credential
}

// Lost are the grants that cannot come back: the store did not show their
// tokens before they were deleted.
func (f Forgotten) Lost() []keyring.Grant {
	var lost []keyring.Grant
	for _, g := range f.Grants {
		if _, kept := f.credentials[g.Key]; !kept {
			lost = append(lost, g)
		}
	}
	return lost
}

// Forget deletes grants from this machine. What it deleted is kept in memory,
// so that the person can have it back.
func (d *Desk) Forget(ctx context.Context, grants []keyring.Grant) (Forgotten, error) {
	f := Forgotten{Grants: grants, credentials: map[keyring.Key]keyring.Credential{}}
	var keys []keyring.Key
	for _, g := range grants {
		keys = append(keys, g.Key)
		if c, err := d.Ring.Credential(ctx, g.Key); err == nil {
			f.credentials[g.Key] = c
		}
	}
	return f, d.Ring.Forget(ctx, keys...)
}

// Restore brings back what was forgotten. A grant that has been set
// up anew since is left alone.
func (d *Desk) Restore(ctx context.Context, f Forgotten) (restored []keyring.Grant, err error) {
	for _, g := range f.Grants {
		c, kept := f.credentials[g.Key]
		if !kept {
			continue
		}
		err := d.Ring.Alone(ctx, g.Runtime, func() error {
			if err := d.stillFree(SaveGrant{Grant: g}); err != nil {
				return err
			}
			saved, err := d.Ring.Save(ctx, g, c)
			if err == nil {
				restored = append(restored, saved)
			}
			return err
		})
		if err != nil {
			return restored, err
		}
	}
	return restored, nil
}

// CanRotate reports whether the host of a grant may replace its token by an
// API. Only the host knows for sure: Rotate still says ErrNoSuchAPI where it
// does not.
func (d *Desk) CanRotate(g keyring.Grant) bool {
	p, _, err := d.HostOf(g)
	if err != nil || providers.Method(g.Method).OAuth() {
		return false
	}
	_, ok := p.(providers.Rotator)
	return ok
}

// CanRevoke reports whether the host of a grant may end its token by an API.
func (d *Desk) CanRevoke(g keyring.Grant) bool {
	p, _, err := d.HostOf(g)
	if err != nil {
		return false
	}
	_, ok := p.(providers.Revoker)
	return ok
}

// Dismiss ends the token of a grant at its host, where the host has an API for
// it, and then deletes it from this machine. ended says whether the host did
// its part: where it has no API for it, the token lives on there.
func (d *Desk) Dismiss(ctx context.Context, g keyring.Grant) (ended bool, err error) {
	err = d.Revoke(ctx, g)
	if err != nil && !errors.Is(err, providers.ErrNoSuchAPI) {
		return false, err
	}
	return err == nil, d.Ring.Forget(ctx, g.Key)
}
