package flows

import (
	"context"
	"slices"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
)

// The concerns about the separation of the two purposes. A runtime acts for
// everybody: what it does should be told from what a person does, and end
// neither with the person's access nor with the next token that they make.
const (
	OwnAccount   Concern = "own-account"   // the runtime's token and a user token are of one account
	BothPurposes Concern = "both-purposes" // one token serves both purposes
	Broader      Concern = "broader"       // it has more rights than its purpose needs
)

// Guard looks at a token that is about to be stored or handed over, beside the
// grants that are stored. What cannot be read now is not compared.
func (d *Desk) Guard(ctx context.Context, g keyring.Grant, token secret.Secret, v Verdict) ([]Concern, error) {
	grants, err := d.Ring.Grants()
	if err != nil {
		return nil, err
	}
	return separation(grants, g, v, d.shared(ctx, grants, g, token)), nil
}

// separation is what can be said of a token beside the stored grants. shared
// says that one of them is the same token.
func separation(grants []keyring.Grant, g keyring.Grant, v Verdict, shared bool) []Concern {
	owner := ConcernOf(providers.Kind(g.Provider), providers.Purpose(g.Purpose), v)
	switch {
	case owner == Fleeting: // it is gone before anything else matters
	case shared:
		owner = BothPurposes
	case slices.ContainsFunc(grants, func(other keyring.Grant) bool { return sibling(g, other) }):
		owner = OwnAccount
	}
	var concerns []Concern
	if owner != NoConcern {
		concerns = append(concerns, owner)
	}
	if len(v.Excess) > 0 {
		concerns = append(concerns, Broader)
	}
	return concerns
}

// twofold is Guard's comparison for a token that is being checked.
func (d *Desk) twofold(ctx context.Context, s Subject, v Verdict) bool {
	grants, err := d.Ring.Grants()
	g := keyring.Grant{Key: keyring.Key{Purpose: string(s.Purpose), Account: v.Account.Login}, Host: s.Host.URL}
	return err == nil && d.shared(ctx, grants, g, s.Credential.Token)
}

// Concerns are what a person may want to know of the token at hand before it is
// saved: about its owner, and about the separation of the purposes.
func (c *Conversation) Concerns() []Concern {
	if c.verdict == nil {
		return nil
	}
	g := keyring.Grant{Key: c.key(), Provider: string(c.host.Provider), Host: c.host.URL}
	return separation(c.world.Grants, g, *c.verdict, c.shared)
}

// shared reports whether the token is stored for the other purpose too. Tokens
// are compared in memory, where both are for this moment, and only with those
// of the same account: another's cannot be the same.
func (d *Desk) shared(ctx context.Context, grants []keyring.Grant, g keyring.Grant, token secret.Secret) bool {
	for _, other := range grants {
		if !sibling(g, other) || !d.open(ctx, other.Store) {
			continue
		}
		if c, err := d.Ring.Credential(ctx, other.Key); err == nil && c.Access.Equal(token) {
			return true
		}
	}
	return false
}

// open reports whether a store can be read without asking anybody.
func (d *Desk) open(ctx context.Context, kind keyring.Kind) bool {
	return slices.ContainsFunc(d.Ring.Stores(), func(s keyring.Store) bool { return s.Kind() == kind && s.Probe(ctx).Usable() })
}

// sibling reports whether a grant is of the same account as another and of the
// other purpose.
func sibling(g, other keyring.Grant) bool {
	return other.Host == g.Host && other.Account == g.Account && other.Purpose != g.Purpose
}
