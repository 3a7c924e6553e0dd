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
		held, err := d.Ring.Credential(ctx, g.Key)
		if err != nil || !held.Refresh.Equal(old.Refresh) {
			continue
		}
		g.ExpiresAt, g.ExpirySource = f.Grant.ExpiresAt, f.Grant.ExpirySource
		if saved, err := d.Ring.Save(ctx, g, renewed); err == nil {
			d.obtained(saved)
		}
	}
}

// adopt takes the token of another of the family for one whose own refresh
// token is spent: it was renewed there, and somebody died before it was shared.
func (d *Desk) adopt(ctx context.Context, f Fresh, old keyring.Credential, family []keyring.Grant) Fresh {
	for _, other := range family {
		held, err := d.Ring.Credential(ctx, other.Key)
		if err != nil || held.Refresh.Equal(old.Refresh) || d.due(other) || Remembered(other).gone() {
			continue
		}
		g := f.Grant
		g.ExpiresAt, g.ExpirySource, g.Verdict = other.ExpiresAt, other.ExpirySource, other.Verdict
		if saved, err := d.Ring.Save(ctx, g, held); err == nil {
			return Fresh{Grant: saved, Credential: credentialOf(saved, held)}
		}
	}
	return f
}
