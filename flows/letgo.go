package flows

import (
	"context"
	"errors"
	"slices"
	"time"

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

// Restore brings back what was forgotten. A grant that has been set up anew since
// is left alone, and stops none of the others. The context's end does not stop it:
// what comes back is nowhere but in memory until then.
func (d *Desk) Restore(ctx context.Context, f Forgotten) (restored []keyring.Grant, err error) {
	ctx = context.WithoutCancel(ctx)
	var taken *TakenError
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
		if err != nil && !errors.As(err, &taken) {
			return restored, err
		}
	}
	if taken != nil {
		return restored, taken
	}
	return restored, nil
}

// Without is what is left of it once some of its grants are back.
func (f Forgotten) Without(restored []keyring.Grant) Forgotten {
	var left []keyring.Grant
	for _, g := range f.Grants {
		if !slices.ContainsFunc(restored, func(back keyring.Grant) bool { return back.Key == g.Key }) {
			left = append(left, g)
		}
	}
	return Forgotten{Grants: left, credentials: f.credentials}
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

// EndedError says that a token was ended at its host, and why it is listed here
// all the same. It is none of the errors that it tells of: those say that nothing
// has happened.
type EndedError struct{ Err error }

func (e *EndedError) Error() string { return "the token is ended, and still here: " + e.Err.Error() }

// End ends the token of a grant at its host, and then deletes it from this
// machine. Where the host has no API for it that is ErrNoSuchAPI, and where the
// grant holds another token by now than it was seen with ErrOtherToken: nothing has
// happened then. An EndedError says that this machine did not do its part.
func (d *Desk) End(ctx context.Context, g keyring.Grant) error {
	ended := false
	err := d.aloneAsSeen(ctx, g, func() error {
		held, err := d.revoke(ctx, g)
		var notKept *NotKeptError
		if ended = err == nil || errors.As(err, &notKept); !ended {
			return err
		}
		if now, err := d.Ring.Credential(ctx, g.Key); err == nil && !now.Access.Equal(held.Access) {
			return ErrOtherToken // that one lives
		}
		return d.Ring.Forget(ctx, g.Key)
	})
	if ended && err != nil {
		return &EndedError{err}
	}
	return err
}

// aloneAsSeen is alone for somebody who decided about a token that was seen on a
// grant: ErrOtherToken where another is there by now.
func (d *Desk) aloneAsSeen(ctx context.Context, seen keyring.Grant, do func() error) error {
	return d.alone(ctx, seen, func(now keyring.Grant) error {
		if !sameSignIn(seen, now) {
			return ErrOtherToken
		}
		return do()
	})
}

// sameSignIn reports whether a grant still holds the token that was seen on it, or
// one that gitgrant itself has renewed that by.
func sameSignIn(seen, now keyring.Grant) bool {
	if seen.SavedAt.Equal(now.SavedAt) {
		return true
	}
	last := func(g keyring.Grant) (at time.Time) {
		for _, c := range g.History {
			if c.Why == WhySaved {
				at = c.At
			}
		}
		return at
	}
	return renewable(seen) && renewable(now) && last(seen).Equal(last(now))
}

// Dismiss is End, and deletes the token here also where it lives on at a host
// without an API. ended says whether the host did its part.
func (d *Desk) Dismiss(ctx context.Context, g keyring.Grant) (ended bool, err error) {
	err = d.End(ctx, g)
	if errors.Is(err, providers.ErrNoSuchAPI) {
		return false, d.aloneAsSeen(ctx, g, func() error { return d.Ring.Forget(ctx, g.Key) })
	}
	var half *EndedError
	return err == nil || errors.As(err, &half), err
}
