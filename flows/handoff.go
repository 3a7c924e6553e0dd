package flows

import (
	"gitgrant/flows/handover"
	"gitgrant/keyring"
	"gitgrant/providers"
)

// Handover is what the consumers of a token are told of a grant, without the
// token itself.
func (d *Desk) Handover(g keyring.Grant) (handover.Subject, error) {
	p, h, err := d.HostOf(g)
	if err != nil {
		return handover.Subject{}, err
	}
	return HandoverOf(p, h, g), nil
}

// HandoverOf is the same where provider and host are at hand.
func HandoverOf(p providers.Provider, h providers.Host, g keyring.Grant) handover.Subject {
	kind, account := providers.TokenKind(g.Kind), Remembered(g).Account
	account.Login = g.Account
	return handover.Subject{
		Runtime: g.Runtime, Purpose: providers.Purpose(g.Purpose), Host: h, Kind: kind,
		Names: p.Names(providers.Identity{Kind: kind, Account: account, Email: g.Email, Username: g.Username}),
	}
}

// ShortLived reports whether a grant ends within hours because its host has a
// new token on demand. A copy of such a token is soon of no use.
func ShortLived(g keyring.Grant) bool {
	return g.ExpirySource == string(providers.ExpiryOAuth) && !g.ExpiresAt.IsZero()
}
