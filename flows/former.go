package flows

import (
	"context"
	"errors"
	"slices"
	"strings"

	"gitgrant/keyring"
	"gitgrant/providers"
)

// Former is a credential that another took the place of. It is nowhere but in
// memory, so that it can still be ended at its host, if the person wants that.
type Former struct {
	Grant      keyring.Grant
	Credential keyring.Credential
	// Sharing are the other grants that held the very same token then.
	Sharing []keyring.Grant
}

// dead reports whether the former token was seen to work no more.
func (f *Former) dead() bool {
	switch Remembered(f.Grant).Status {
	case Expired, Revoked, Rejected:
		return true
	default:
		return false
	}
}

// StillUsedError says that runtimes still use a token that is to be ended.
type StillUsedError struct{ Runtimes []string }

func (e *StillUsedError) Error() string {
	return "the token is still used by " + strings.Join(e.Runtimes, ", ")
}

// Work on a token that another took the place of.
type (
	// EndToken ends it at its host.
	EndToken struct{ Former Former }
	// GiveToken gives the new one to grants that hold the former one still.
	GiveToken struct {
		New     keyring.Grant
		Former  keyring.Credential
		Sharing []keyring.Grant
	}
)

func (EndToken) work()  {}
func (GiveToken) work() {}

// What comes of it.
type (
	// Ended says that the former token is ended at its host.
	Ended struct{}
	// Shared is what came of giving the new token to others.
	Shared struct{ Given []Given }
)

// former keeps what a save is about to replace. Where the store does not show
// it, nothing is kept.
func (d *Desk) former(ctx context.Context, w SaveGrant) *Former {
	if w.Old == nil {
		return nil
	}
	grants, err := d.Ring.Grants()
	if err != nil {
		return nil
	}
	i := slices.IndexFunc(grants, func(g keyring.Grant) bool { return g.Key == *w.Old })
	if i < 0 {
		return nil
	}
	c, err := d.Ring.Credential(ctx, *w.Old)
	if err != nil || c.Access.Equal(w.Credential.Access) {
		return nil
	}
	others, err := d.MayShare(grants[i])
	if err != nil {
		return nil
	}
	sharing, err := d.holding(ctx, others, c)
	if err != nil {
		return nil // who else would lose it cannot be seen
	}
	return &Former{Grant: grants[i], Credential: c, Sharing: sharing}
}

// endFormer ends a credential that is stored no more.
func (d *Desk) endFormer(ctx context.Context, f Former) error {
	p, err := d.postOf(ctx, f.Grant, f.Credential)
	if err != nil {
		return err
	}
	revoker, ok := p.provider.(providers.Revoker)
	if !ok {
		return providers.ErrNoSuchAPI
	}
	err = revoker.Revoke(context.WithoutCancel(ctx), p.client, p.host, p.credential)
	switch {
	case err == nil:
		return nil
	case unmoved(err):
		return spokenError(p.host, err)
	default:
		return errors.Join(ErrUnknownAtHost, spokenError(p.host, err))
	}
}

// share gives the token of a grant to others, checked for each of them.
func (d *Desk) share(ctx context.Context, w GiveToken) ([]Given, error) {
	c, err := d.Ring.Credential(ctx, w.New.Key)
	if err != nil {
		return nil, err
	}
	verdicts := map[string]Verdict{} // by purpose: to the host, the token is the same for all
	var given []Given
	for _, g := range w.Sharing {
		to := w.New
		to.Runtime, to.Purpose = g.Runtime, g.Purpose
		v, asked := verdicts[to.Purpose]
		if !asked {
			if v, err = d.hold(ctx, to, c); err != nil {
				return given, err
			}
			verdicts[to.Purpose] = v
		}
		given = append(given, d.giveInPlace(ctx, g, w.Former, to, c, v))
	}
	return given, nil
}

// giveInPlace gives a token to a grant that holds the former one still. Who has
// another by now keeps that, and what was forgotten stays so.
func (d *Desk) giveInPlace(ctx context.Context, g keyring.Grant, former keyring.Credential, to keyring.Grant, c keyring.Credential, v Verdict) Given {
	given := Given{Grant: g, Replaced: true}
	given.Err = d.aloneWith(ctx, g.Host, []string{g.Account, to.Account}, func() error {
		held, err := d.Ring.Credential(ctx, g.Key)
		switch {
		case err != nil:
			return err
		case !held.Access.Equal(former.Access):
			return ErrOtherToken
		}
		given = d.give(ctx, to, &g.Key, c, v)
		return given.Err
	})
	return given
}

// stillShared are the grants that the new token was not given to.
func (c *Conversation) stillShared() []keyring.Grant {
	if c.former == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.former.Sharing), func(g keyring.Grant) bool {
		return slices.ContainsFunc(c.given, func(to Given) bool {
			return to.Stored && to.Grant.Runtime == g.Runtime && to.Grant.Purpose == g.Purpose
		})
	})
}

// Former is the token that the saved one took the place of; nil where there is
// nothing to be done about it any more.
func (c *Conversation) Former() *Former {
	if c.former == nil || c.ended || c.former.dead() {
		return nil
	}
	return c.former
}

// CanEnd reports whether the former token can be ended by an API of its host.
func (c *Conversation) CanEnd() bool {
	_, ok := c.provider.(providers.Revoker)
	return ok && c.Former() != nil && !errors.Is(c.problem, providers.ErrNoSuchAPI)
}

// Sharing are the runtimes whose grants hold the former token.
func (c *Conversation) Sharing() []string {
	var runtimes []string
	for _, g := range c.stillShared() {
		runtimes = append(runtimes, g.Runtime)
	}
	return unique(runtimes)
}

// Given is what came of giving the new token to others.
func (c *Conversation) Given() []Given { return c.given }

// HasEnded reports whether the former token was ended at its host.
func (c *Conversation) HasEnded() bool { return c.ended }

// aboutFormer are the offers about the former token. None is ever taken by
// itself.
func (c *Conversation) aboutFormer() []Option {
	var offers []Option
	if len(c.stillShared()) > 0 && len(c.given) == 0 {
		offers = append(offers, Option{ID: GiveOthers})
	}
	if c.CanEnd() {
		o := Option{ID: EndOld}
		if runtimes := c.Sharing(); len(runtimes) > 0 {
			o.Closed = &StillUsedError{runtimes}
		}
		offers = append(offers, o)
	}
	return offers
}

func (c *Conversation) answerNext(a Answer) []Effect {
	switch a.Text {
	case GiveOthers:
		c.problem = nil
		return c.await(GiveToken{New: *c.outcome.Saved, Former: c.former.Credential, Sharing: c.stillShared()})
	case EndOld:
		c.problem = nil
		return c.await(EndToken{Former: *c.former})
	}
	c.outcome.GoOn = a.Text == NextUserToken
	return c.end()
}
