package flows

import (
	"context"
	"errors"
	"slices"

	"gitgrant/keyring"
	"gitgrant/providers"
)

// A token may be stored for several runtimes, by reuse or because somebody
// pasted it twice. To its host it is one: whatever is done to it there is done
// to all of them.

// MayShare are the other grants that may hold the same token as a grant, as the
// index tells: only those of the same account at the same host can.
func (d *Desk) MayShare(g keyring.Grant) ([]keyring.Grant, error) {
	grants, err := d.Ring.Grants()
	return slices.DeleteFunc(grants, func(other keyring.Grant) bool {
		return other.Key == g.Key || other.Host != g.Host || other.Account != g.Account
	}), err
}

// Sharing are the other grants that hold the very same token. The error says why
// the store does not show the token of one that may.
func (d *Desk) Sharing(ctx context.Context, g keyring.Grant) ([]keyring.Grant, error) {
	grants, err := d.MayShare(g)
	if err != nil || len(grants) == 0 {
		return nil, err
	}
	c, err := d.Ring.Credential(ctx, g.Key)
	if err != nil {
		return nil, err
	}
	return d.holding(ctx, grants, c)
}

// holding are those of some grants that hold a token.
func (d *Desk) holding(ctx context.Context, grants []keyring.Grant, c keyring.Credential) ([]keyring.Grant, error) {
	var holding []keyring.Grant
	for _, g := range grants {
		other, err := d.Ring.Credential(ctx, g.Key)
		switch {
		case errors.Is(err, keyring.ErrNotFound), errors.Is(err, keyring.ErrCorrupt): // it holds none
		case err != nil:
			return nil, err
		case other.Access.Equal(c.Access), !c.Refresh.Empty() && other.Refresh.Equal(c.Refresh):
			holding = append(holding, g)
		}
	}
	return holding, nil
}

// Successor is a token that took the place of another, as it is stored: for the
// grant that was meant, and for those that shared the former one with it.
type Successor struct {
	Grant keyring.Grant
	Given []Given
}

// heirs are grants as those that are owed a token.
func heirs(grants []keyring.Grant) []keyring.Heir {
	var owed []keyring.Heir
	for _, g := range grants {
		owed = append(owed, keyring.Heir{Key: g.Key, SavedAt: g.SavedAt})
	}
	return owed
}

// handOn gives the token of a grant to those that are owed it. Who has another
// by now keeps that; who cannot be given it now is owed it still.
func (d *Desk) handOn(ctx context.Context, from keyring.Grant) []Given {
	ctx = context.WithoutCancel(ctx)
	c, unread := d.Ring.Credential(ctx, from.Key)
	var given []Given
	var owed []keyring.Heir
	for _, heir := range from.Heirs {
		meant, saved, err := false, keyring.Grant{Key: heir.Key, Host: from.Host}, unread
		if err == nil {
			saved, meant, err = d.inherited(ctx, heir, from, c)
		}
		switch {
		case err != nil:
			given = append(given, Given{Grant: saved, Replaced: true, Err: err})
			if !errors.Is(err, keyring.ErrNotFound) && !errors.Is(err, keyring.ErrCorrupt) { // what holds nothing is owed nothing
				owed = append(owed, heir)
			}
		case meant:
			given = append(given, Given{Grant: saved, Replaced: true, Stored: true})
		}
	}
	_ = d.Ring.Note(from.Key, func(now *keyring.Grant) { // who is owed it still or for nothing is found out again
		if now.SavedAt.Equal(from.SavedAt) {
			now.Heirs = owed
		}
	})
	return given
}

// inherited gives an heir a token where it holds what it held when that was due
// to it.
func (d *Desk) inherited(ctx context.Context, heir keyring.Heir, from keyring.Grant, c keyring.Credential) (saved keyring.Grant, meant bool, err error) {
	saved, _, err = d.Ring.Refresh(ctx, heir.Key, func(now keyring.Grant, held keyring.Credential) (keyring.Grant, keyring.Credential, error) {
		if meant = now.SavedAt.Equal(heir.SavedAt); !meant {
			return now, held, nil
		}
		return d.rotated(now, providers.Expiry{At: from.ExpiresAt, Source: providers.ExpirySource(from.ExpirySource)}), c, nil
	})
	if saved.Key == (keyring.Key{}) {
		saved = keyring.Grant{Key: heir.Key, Host: from.Host}
	}
	return saved, meant, err
}

// handOnAll hands on what a rotation that was interrupted left to be handed on,
// at the host and of the account of a grant, and returns that as it is listed
// by now. It is for who is alone with the tokens of that account.
func (d *Desk) handOnAll(ctx context.Context, g keyring.Grant) (keyring.Grant, []Given, error) {
	grants, err := d.Ring.Grants()
	if err != nil {
		return g, nil, err
	}
	var given []Given
	for _, from := range grants {
		if len(from.Heirs) > 0 && from.Host == g.Host && from.Account == g.Account {
			given = append(given, d.handOn(ctx, from)...)
		}
	}
	return d.asListed(g), given, nil
}

// handedOn gives tokens to those that are owed one, before anybody looks at what
// they hold: that is dead. It returns the grants as they are listed by now, and
// why some could not be given theirs.
func (d *Desk) handedOn(ctx context.Context, grants []keyring.Grant) ([]keyring.Grant, map[keyring.Key]error) {
	listed, err := d.Ring.Grants()
	if err != nil {
		return grants, nil // whoever looks next will say so
	}
	owing := slices.DeleteFunc(listed, func(from keyring.Grant) bool {
		return !slices.ContainsFunc(from.Heirs, func(heir keyring.Heir) bool {
			return slices.ContainsFunc(grants, func(g keyring.Grant) bool { return g.Key == heir.Key })
		})
	})
	if len(owing) == 0 {
		return grants, nil
	}
	failed := map[keyring.Key]error{}
	for _, from := range owing {
		var given []Given
		err := d.alone(ctx, from, func(from keyring.Grant) (err error) {
			_, given, err = d.handOnAll(ctx, from)
			return err
		})
		for _, heir := range from.Heirs {
			failed[heir.Key] = err
		}
		for _, to := range given {
			failed[to.Grant.Key] = to.Err
		}
	}
	grants = slices.Clone(grants)
	for i, g := range grants {
		grants[i] = d.asListed(g)
	}
	return grants, failed
}

// rotated is a grant with what is known of its new token.
func (d *Desk) rotated(g keyring.Grant, end providers.Expiry) keyring.Grant {
	g.ExpiresAt, g.ExpirySource, g.Intent = end.At, string(end.Source), nil
	forgive(&g)
	add(&g, keyring.Change{At: d.Now(), Status: string(Remembered(g).Status), Why: WhySaved})
	return g
}

// keysOf are a grant's key and those of others, that one first.
func keysOf(g keyring.Grant, others []keyring.Grant) []keyring.Key {
	keys := []keyring.Key{g.Key}
	for _, other := range others {
		keys = append(keys, other.Key)
	}
	return keys
}
