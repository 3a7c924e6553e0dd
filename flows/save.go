package flows

import (
	"context"
	"slices"
	"time"

	"gitgrant/keyring"
	"gitgrant/providers"
)

// How long a store that has not answered is waited for: before a save, and when
// a person says that they want to go on waiting.
const (
	patience     = 5 * time.Second
	longPatience = 30 * time.Second
)

// save stores a grant. The context's end does not stop it: a save that has
// begun is finished or fails by itself.
func (d *Desk) save(ctx context.Context, w SaveGrant, tell func(any)) error {
	ctx = context.WithoutCancel(ctx)
	if err := d.answered(ctx, d.Ring.Store().Kind(), patience); err != nil {
		return err
	}
	if w.Late {
		if g, ok := d.landed(ctx, w); ok {
			tell(Saved{Grant: g})
			return nil
		}
	}
	if w.Old == nil {
		return d.saveAlone(ctx, w, tell)
	}
	accounts := []string{w.Old.Account, w.Grant.Account}
	return d.aloneWith(ctx, w.Grant.Host, accounts, func() error { return d.saveAlone(ctx, w, tell) })
}

func (d *Desk) saveAlone(ctx context.Context, w SaveGrant, tell func(any)) error {
	return d.Ring.Alone(ctx, w.Grant.Runtime, func() error {
		if err := d.stillFree(w); err != nil {
			return err
		}
		if !w.Late { // else that was told before, and may be gone
			tell(Replacing{d.former(ctx, w)})
		}
		saved, err := d.store(ctx, w)
		if err != nil {
			return err
		}
		tell(Saved{Grant: saved})
		return nil
	})
}

// answered waits until no earlier call to the store is under way.
func (d *Desk) answered(ctx context.Context, store keyring.Kind, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return d.Ring.Wait(ctx, store)
}

// landed finds the grant of a save that was not answered in time and succeeded
// all the same. Reading its credential settles what became of it.
func (d *Desk) landed(ctx context.Context, w SaveGrant) (keyring.Grant, bool) {
	c, err := d.Ring.Credential(ctx, w.Grant.Key)
	if err != nil || !c.Access.Equal(w.Credential.Access) || !c.Refresh.Equal(w.Credential.Refresh) {
		return keyring.Grant{}, false
	}
	grants, err := d.Ring.Of(w.Grant.Runtime)
	i := slices.IndexFunc(grants, func(g keyring.Grant) bool { return g.Key == w.Grant.Key })
	if err != nil || i < 0 {
		return keyring.Grant{}, false
	}
	return grants[i], true
}

// stillFree looks again: another terminal may have been faster.
func (d *Desk) stillFree(w SaveGrant) error {
	if w.Old != nil && *w.Old == w.Grant.Key {
		return nil
	}
	g := w.Grant
	grants, err := d.Ring.Of(g.Runtime)
	if err != nil {
		return err
	}
	for _, other := range grants {
		if other.Host != g.Host {
			return &OtherHostError{Runtime: g.Runtime, Has: other.Host, Wanted: g.Host}
		}
		if w.Old != nil && other.Key == *w.Old {
			continue
		}
		if other.Key == g.Key || other.Purpose == g.Purpose && g.Purpose == string(providers.Runtime) {
			return &TakenError{Runtime: g.Runtime, Purpose: providers.Purpose(g.Purpose), Account: other.Account}
		}
	}
	return nil
}

func (d *Desk) store(ctx context.Context, w SaveGrant) (keyring.Grant, error) {
	g := d.inherit(w)
	if w.Old != nil && *w.Old != g.Key {
		return d.Ring.Replace(ctx, *w.Old, g, w.Credential)
	}
	return d.Ring.Save(ctx, g, w.Credential)
}
