package providers

import (
	"context"
	"errors"
	"time"

	"gitgrant/keyring/secret"
	"gitgrant/providers/wire"
)

// ErrNoSuchAPI says that this host, or this kind of token, has no API for it:
// a person does it on the page.
var ErrNoSuchAPI = errors.New("the host has no API for this")

// Rotated is the token that took the place of another.
type Rotated struct {
	Token  secret.Secret
	Expiry Expiry
}

// Rotator is a Provider whose hosts replace a token by an API.
type Rotator interface {
	// Rotate replaces a token by one of the same rights that lasts until a day.
	// The old token is dead from then on. It asks once and never again by
	// itself: after an error that is no refusal the outcome is unknown, and a
	// second try could end every token of the family.
	Rotate(ctx context.Context, c *wire.Client, h Host, cred Credential, until time.Time) (Rotated, error)
}

// Revoker is a Provider whose hosts end a token by an API.
type Revoker interface {
	// Revoke ends a token for good. A token that the host no longer knows is
	// no error.
	Revoke(ctx context.Context, c *wire.Client, h Host, cred Credential) error
}

// Limited is a Provider whose hosts keep no more than so many tokens of one
// application for one account and one set of scopes. One more ends the oldest,
// and nobody is told.
type Limited interface {
	LiveTokens() int
}
