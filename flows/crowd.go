package flows

import (
	"gitgrant/keyring"
	"gitgrant/providers"
)

// Crowd is an account that has so many tokens of one application that its host
// will soon end the oldest for a new one.
type Crowd struct {
	Account string
	Host    string
	Live    int // as far as is known here
	Most    int // that the host keeps
	// Oldest is the grant whose token ends when there is one too many.
	Oldest keyring.Grant
}

// Full reports whether one more token ends the oldest.
func (c Crowd) Full() bool { return c.Live >= c.Most }

// Crowd is the crowd that a sign-in would join now; nil where there is room for
// one after it. Whose token it will be is not known before, so that the account
// with most of them counts.
func (c *Conversation) Crowd() *Crowd {
	limited, ok := c.provider.(providers.Limited)
	if !ok || c.host.ClientID == "" {
		return nil
	}
	var most *Crowd
	for _, crowd := range c.crowds(limited.LiveTokens()) {
		if most == nil || crowd.Live > most.Live {
			most = crowd
		}
	}
	if most == nil || most.Live < most.Most-1 {
		return nil
	}
	return most
}

// crowds counts the tokens that are not known to be dead, by account.
func (c *Conversation) crowds(limit int) map[string]*Crowd {
	crowds := map[string]*Crowd{}
	for _, g := range c.world.Grants {
		kin := g.Host == c.host.URL && g.ClientID == c.host.ClientID && g.Purpose == string(c.answers.Purpose)
		switch {
		case !kin || !providers.Method(g.Method).OAuth() || Remembered(g).Status.Gone():
			continue
		case c.old != nil && g.Account != c.old.Account:
			continue
		}
		crowd := crowds[g.Account]
		if crowd == nil {
			crowd = &Crowd{Account: g.Account, Host: g.Host, Most: limit, Oldest: g}
			crowds[g.Account] = crowd
		}
		crowd.Live++
		if g.SavedAt.Before(crowd.Oldest.SavedAt) {
			crowd.Oldest = g
		}
	}
	if c.old != nil {
		crowds = withoutOwn(crowds, c.old.Key)
	}
	return crowds
}

// withoutOwn leaves out a crowd whose oldest is about to be replaced anyway.
func withoutOwn(crowds map[string]*Crowd, own keyring.Key) map[string]*Crowd {
	for account, crowd := range crowds {
		if crowd.Oldest.Key == own {
			delete(crowds, account)
		}
	}
	return crowds
}
