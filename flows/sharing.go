package flows

import (
	"context"
	"errors"
	"slices"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
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

// succeed gives the new token to grants that shared the former one. Who has
// another by now keeps that.
func (d *Desk) succeed(ctx context.Context, sharing []keyring.Grant, former secret.Secret, r providers.Rotated) []Given {
	var given []Given
	for _, g := range sharing {
		meant := false
		saved, _, err := d.Ring.Refresh(ctx, g.Key, func(now keyring.Grant, held keyring.Credential) (keyring.Grant, keyring.Credential, error) {
			if meant = held.Access.Equal(former); !meant {
				return now, held, nil
			}
			return d.rotated(now, r), keyring.Credential{Access: r.Token}, nil
		})
		switch {
		case err != nil:
			given = append(given, Given{Grant: g, Replaced: true, Err: err})
		case meant:
			given = append(given, Given{Grant: saved, Replaced: true, Stored: true})
		}
	}
	return given
}

// rotated is a grant with what is known of its new token.
func (d *Desk) rotated(g keyring.Grant, r providers.Rotated) keyring.Grant {
	g.ExpiresAt, g.ExpirySource, g.Intent = r.Expiry.At, string(r.Expiry.Source), nil
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
