package flows

import (
	"context"
	"errors"

	"gitgrant/keyring"
	"gitgrant/providers/cause"
)

// A token that several runtimes use has one refresh token, which is good for one
// trade. Whoever renews it for one of them renews it for all.

// family are the other grants that may hold the same token: of one account, by
// one application, for one purpose.
func (d *Desk) family(g keyring.Grant) ([]keyring.Grant, error) {
	grants, err := d.Ring.Grants()
	if err != nil {
		return nil, err
	}
	var others []keyring.Grant
	for _, other := range grants {
		related := other.Host == g.Host && other.ClientID == g.ClientID && other.Account == g.Account && other.Purpose == g.Purpose
		if other.Key != g.Key && related && renewable(other) {
			others = append(others, other)
		}
	}
	return others, nil
}

// freshTogether renews a token that others may hold as well, alone among all
// processes, and gives the new one to those that do.
func (d *Desk) freshTogether(ctx context.Context, g keyring.Grant) (f Fresh, err error) {
	name := "family " + g.Host + " " + g.ClientID + " " + g.Account + " " + g.Purpose
	busy := d.Ring.Alone(ctx, name, func() error {
		f, err = d.renewFamily(ctx, g)
		return nil
	})
	if errors.Is(busy, keyring.ErrBusy) {
		return d.asItIs(ctx, g, busy)
	}
	return f, errors.Join(err, busy)
}

func (d *Desk) renewFamily(ctx context.Context, g keyring.Grant) (Fresh, error) {
	g = d.asListed(g)
	if !d.due(g) {
		return d.asItIs(ctx, g, nil) // somebody else renewed it for all
	}
	old, err := d.Ring.Credential(ctx, g.Key)
	if err != nil {
		return Fresh{Grant: g}, err
	}
	f, err := d.freshAlone(ctx, g)
	family, listed := d.family(g)
	if err != nil || listed != nil {
		return f, err
	}
	var why cause.Cause
	switch {
	case errors.As(f.Problem, &why) && why.Dead():
		return d.adopt(ctx, f, old, family), nil
	case !f.Credential.Token.Equal(old.Access):
		d.passOn(ctx, f, old, family)
	}
	return f, nil
}

// asListed is a grant as the index has it by now.
func (d *Desk) asListed(g keyring.Grant) keyring.Grant {
	grants, err := d.Ring.Of(g.Runtime)
	if err != nil {
		return g
	}
	for _, listed := range grants {
		if listed.Key == g.Key {
			return listed
		}
	}
	return g
}

// passOn gives a renewed token to everybody who held the old one. Who cannot be
// given it now adopts it later.
func (d *Desk) passOn(ctx context.Context, f Fresh, old keyring.Credential, family []keyring.Grant) {
	ctx = context.WithoutCancel(ctx)
	renewed := keyring.Credential{Access: f.Credential.Token, Refresh: f.Credential.Refresh}
	for _, g := range family {
		if saved, held, err := d.inPlaceOf(ctx, g.Key, old, f.Grant, renewed); err == nil && held.Access.Equal(renewed.Access) {
			d.obtained(saved)
		}
	}
}

// inPlaceOf gives a grant the token of another where it holds the spent one
// still: who signed in anew meanwhile has a token of their own.
func (d *Desk) inPlaceOf(ctx context.Context, k keyring.Key, spent keyring.Credential, from keyring.Grant, c keyring.Credential) (keyring.Grant, keyring.Credential, error) {
	return d.Ring.Refresh(ctx, k, func(g keyring.Grant, held keyring.Credential) (keyring.Grant, keyring.Credential, error) {
		if !held.Refresh.Equal(spent.Refresh) {
			return g, held, nil
		}
		g.ExpiresAt, g.ExpirySource = from.ExpiresAt, from.ExpirySource
		forgive(&g)
		return g, c, nil
	})
}

// adopt takes the token of another of the family for one whose own refresh
// token is spent: it was renewed there, and somebody died before it was shared.
func (d *Desk) adopt(ctx context.Context, f Fresh, old keyring.Credential, family []keyring.Grant) Fresh {
	for _, other := range family {
		held, err := d.Ring.Credential(ctx, other.Key)
		if err != nil || held.Refresh.Equal(old.Refresh) || d.due(other) || Remembered(other).Status.Gone() {
			continue
		}
		if saved, now, err := d.inPlaceOf(ctx, f.Grant.Key, old, other, held); err == nil && !now.Refresh.Equal(old.Refresh) {
			return Fresh{Grant: saved, Credential: credentialOf(saved, now)}
		}
	}
	return f
}
