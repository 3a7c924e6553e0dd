package flows

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// What an Intent says was begun.
const (
	IntentRotate = "rotate"
	IntentRevoke = "revoke"
)

// RotatedLife is how long a rotated token lasts at least where nobody says.
const RotatedLife = 90 * 24 * time.Hour

// NewEnd is the last moment of a token that takes the place of another where
// nobody says: never one before the end that the former has.
func (d *Desk) NewEnd(g keyring.Grant) time.Time {
	end := d.Now().Add(RotatedLife)
	if g.ExpiresAt.After(end) {
		return g.ExpiresAt
	}
	return end
}

// Errors of a rotation or revocation that are neither a refusal by the host (a
// cause.Cause) nor by the store.
var (
	// ErrNotRotated says that the host did not answer, and that the old token
	// was seen to work afterwards: nothing has changed.
	ErrNotRotated = errors.New("the token was not rotated")
	// ErrSuccessorLost says that the host did not answer, and that the old
	// token is dead: the new one never arrived.
	ErrSuccessorLost = errors.New("the token was rotated and its successor is lost")
	// ErrOtherToken says that a grant holds another token than the one that was to
	// be replaced: that one stays.
	ErrOtherToken = errors.New("another token was stored meanwhile")
	// ErrUnknownAtHost says that the host could not be asked what came of it.
	ErrUnknownAtHost = errors.New("what happened at the host is not known")
)

// UnsavedError is a new token that the store did not take. The old one is dead:
// the new one is here, in memory, until it is saved.
type UnsavedError struct {
	Err  error
	save func(context.Context) (Successor, error)
}

func (e *UnsavedError) Error() string { return "the new token could not be saved: " + e.Err.Error() }

func (e *UnsavedError) Unwrap() error { return e.Err }

// Again tries to save the token once more. The context's end does not stop it:
// there is nothing to go back to.
func (e *UnsavedError) Again(ctx context.Context) (Successor, error) {
	return e.save(context.WithoutCancel(ctx))
}

// post is a grant with everything that is needed to speak for it at its host.
type post struct {
	provider   providers.Provider
	host       providers.Host
	client     *wire.Client
	credential providers.Credential
}

func (d *Desk) postOf(ctx context.Context, g keyring.Grant, held keyring.Credential) (post, error) {
	p, h, err := d.HostOf(g)
	if err != nil {
		return post{}, err
	}
	cred := credentialOf(g, held)
	if cred.Method.OAuth() {
		app, err := d.application(ctx, p, h, cmp.Or(g.ClientID, h.ClientID), cred.Method)
		if err != nil {
			return post{}, err
		}
		h.ClientID, cred.AppSecret = app.ID, app.Secret
	}
	c, err := d.client(h)
	if err != nil {
		return post{}, err
	}
	return post{p, h, c, cred}, nil
}

func credentialOf(g keyring.Grant, c keyring.Credential) providers.Credential {
	return providers.Credential{
		Token: c.Access, Refresh: c.Refresh, Method: providers.Method(g.Method), Email: g.Email, Username: g.Username,
	}
}

// alone does something to a token at its host, alone among all processes that
// would change a token of this account there: one that another has replaced
// meanwhile is neither sent nor written back.
func (d *Desk) alone(ctx context.Context, g keyring.Grant, do func(keyring.Grant) error) error {
	return d.aloneWith(ctx, g.Host, []string{g.Account}, func() error { return do(d.asListed(g)) })
}

// aloneWith is alone for the tokens of several accounts. Everybody takes them in
// one order, so that no two wait for each other.
func (d *Desk) aloneWith(ctx context.Context, host string, accounts []string, do func() error) error {
	accounts = slices.Compact(slices.Sorted(slices.Values(accounts)))
	for _, account := range slices.Backward(accounts) {
		inner := do
		do = func() error { return d.Ring.Alone(ctx, "token "+host+" "+account, inner) }
	}
	return do()
}

// Rotate replaces the token of a grant by one that lasts until a day, where
// the host has an API for it; ErrNoSuchAPI where it has none. Those that share
// the token get the new one too.
//
// The ring is proven writable before the host is asked, the intent is written
// down, and the host is asked once. What its silence means is found out by
// reading, never by asking again. Who is to have the new token too is saved with
// it: an interruption after that only puts it off.
func (d *Desk) Rotate(ctx context.Context, g keyring.Grant, until time.Time) (s Successor, err error) {
	s = Successor{Grant: g}
	err = d.alone(ctx, g, func(g keyring.Grant) (err error) {
		s, err = d.rotate(ctx, g, until)
		return err
	})
	return s, err
}

func (d *Desk) rotate(ctx context.Context, g keyring.Grant, until time.Time) (Successor, error) {
	g, given, err := d.handOnAll(ctx, g)
	stays := Successor{Grant: g}
	if err != nil {
		return stays, err
	}
	for _, to := range given {
		if to.Grant.Key == g.Key && to.Err != nil {
			return stays, to.Err // it holds a dead token, and has to be given its successor first
		}
	}
	provider, _, err := d.HostOf(g)
	if err != nil {
		return stays, err
	}
	rotator, ok := provider.(providers.Rotator)
	if !ok {
		return stays, providers.ErrNoSuchAPI
	}
	// Writing what is there already is the whole way that the new token will go.
	g, held, err := d.Ring.Rewrite(ctx, g.Key)
	if err != nil {
		return stays, err
	}
	sharing, err := d.Sharing(ctx, g)
	if err != nil {
		return stays, err
	}
	p, err := d.postOf(ctx, g, held)
	if err != nil {
		return stays, err
	}
	all := keysOf(g, sharing)
	if err := d.intend(all, IntentRotate); err != nil {
		return stays, err
	}
	ctx = context.WithoutCancel(ctx) // from here on it is seen to its end
	rotated, err := rotator.Rotate(ctx, p.client, p.host, p.credential, until)
	if err != nil {
		return stays, d.afterRotation(ctx, p, all, err)
	}
	return d.saveRotated(ctx, g, sharing, p.credential.Token, rotated)
}

func (d *Desk) saveRotated(ctx context.Context, g keyring.Grant, sharing []keyring.Grant, former secret.Secret, r providers.Rotated) (Successor, error) {
	save := func(ctx context.Context) (Successor, error) {
		saved, err := d.inPlace(ctx, g, heirs(sharing), former, r)
		if err != nil {
			return Successor{Grant: d.rotated(g, r.Expiry)}, err
		}
		return Successor{Grant: saved, Given: d.handOn(ctx, saved)}, nil
	}
	s, err := save(ctx)
	if err != nil {
		return s, &UnsavedError{Err: err, save: save}
	}
	return s, nil
}

// inPlace saves a new token where the former one is held still, or the new one
// already; ErrOtherToken where somebody has stored another meanwhile. Who else is
// to have it is saved with it, so that an interruption from here on loses nothing.
func (d *Desk) inPlace(ctx context.Context, g keyring.Grant, owed []keyring.Heir, former secret.Secret, r providers.Rotated) (keyring.Grant, error) {
	successor := func(g keyring.Grant) keyring.Grant {
		g = d.rotated(g, r.Expiry)
		g.Heirs = slices.Concat(g.Heirs, owed)
		return g
	}
	other := false
	saved, _, err := d.Ring.Refresh(ctx, g.Key, func(now keyring.Grant, held keyring.Credential) (keyring.Grant, keyring.Credential, error) {
		other = !held.Access.Equal(former) && !held.Access.Equal(r.Token)
		if other || held.Access.Equal(r.Token) {
			return now, held, nil
		}
		return successor(now), keyring.Credential{Access: r.Token}, nil
	})
	switch {
	case errors.Is(err, keyring.ErrNotFound): // forgotten meanwhile; the token is here all the same
		return d.Ring.Save(ctx, successor(g), keyring.Credential{Access: r.Token})
	case err == nil && other:
		return saved, ErrOtherToken
	}
	return saved, err
}

// afterRotation finds out what an error means. A refusal changed nothing; after
// anything else the old token tells.
func (d *Desk) afterRotation(ctx context.Context, p post, held []keyring.Key, err error) error {
	if unmoved(err) {
		return errors.Join(d.settled(held), spokenError(p.host, err))
	}
	_, err = p.provider.Inspect(ctx, p.client, p.host, p.credential)
	switch {
	case err == nil:
		return ErrNotRotated // the intent stays: the host may be slow
	case ended(cause.Of(err).Kind):
		return errors.Join(d.over(held, cause.Rotated), ErrSuccessorLost)
	default:
		return ErrUnknownAtHost // the intent stays: the next check tells
	}
}

// ended reports whether a host refuses a token as one that is no more; other
// reasons to refuse it say nothing about a rotation.
func ended(kind cause.Kind) bool {
	return kind == cause.Rejected || kind == cause.Revoked || kind == cause.Expired
}

// unmoved reports whether a host that was to change a token said no, or was never
// spoken to: nothing has changed there.
func unmoved(err error) bool {
	return errors.Is(err, providers.ErrNoSuchAPI) || cause.Of(err).Unmoved()
}

func spokenError(h providers.Host, err error) error {
	var c cause.Cause
	if errors.As(err, &c) {
		return spoken(h, c)
	}
	return err
}

// revoke ends what a grant holds at its host, and returns it. Nobody renews it
// meanwhile, and all that share the token are revoked then. A NotKeptError says
// that the host has ended it, and that the index does not say so.
func (d *Desk) revoke(ctx context.Context, g keyring.Grant) (ended keyring.Credential, err error) {
	var refused error
	_, _, err = d.Ring.Refresh(ctx, g.Key, func(now keyring.Grant, held keyring.Credential) (keyring.Grant, keyring.Credential, error) {
		ended, refused = held, d.revokeHeld(ctx, now, held)
		return now, held, nil
	})
	return ended, cmp.Or(refused, err)
}

func (d *Desk) revokeHeld(ctx context.Context, g keyring.Grant, c keyring.Credential) error {
	p, err := d.postOf(ctx, g, c)
	if err != nil {
		return err
	}
	revoker, ok := p.provider.(providers.Revoker)
	if !ok {
		return providers.ErrNoSuchAPI
	}
	sharing, err := d.Sharing(ctx, g)
	if err != nil {
		return err
	}
	held := keysOf(g, sharing)
	if err := d.intend(held, IntentRevoke); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	err = revoker.Revoke(ctx, p.client, p.host, p.credential)
	switch {
	case err == nil:
		if err := d.over(held, cause.Ended); err != nil && !errors.Is(err, keyring.ErrNotFound) {
			return &NotKeptError{err}
		}
		return nil
	case unmoved(err):
		return errors.Join(d.settled(held), spokenError(p.host, err))
	default:
		return errors.Join(ErrUnknownAtHost, spokenError(p.host, err))
	}
}

// intend writes down for all that hold a token what is about to be done to it.
func (d *Desk) intend(held []keyring.Key, what string) error {
	since := d.Now().UTC()
	return d.Ring.NoteAll(held, func(_ int, g *keyring.Grant) { g.Intent = &keyring.Intent{What: what, Since: since} })
}

func (d *Desk) settled(held []keyring.Key) error {
	return d.Ring.NoteAll(held, func(_ int, g *keyring.Grant) { g.Intent = nil })
}

// over writes down for all that held a token that it is dead, and why.
func (d *Desk) over(held []keyring.Key, why cause.Kind) error {
	return d.Ring.NoteAll(held, func(_ int, g *keyring.Grant) {
		v := Remembered(*g)
		_, host, _ := strings.Cut(g.Host, "://")
		v.Status, v.Cause, v.CheckedAt = Revoked, &cause.Cause{Kind: why, Host: host}, d.Now().UTC()
		record(g, v)
		g.Intent = nil
	})
}
