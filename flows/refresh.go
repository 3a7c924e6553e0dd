package flows

import (
	"context"
	"errors"
	"time"

	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/providers/cause"
)

// freshFor is how much life a token has left at least when somebody is to use
// it, where its host renews it.
const freshFor = 5 * time.Minute

// Fresh is the credential of a grant for somebody who is about to use it.
type Fresh struct {
	// Grant is the grant as it stands now.
	Grant      keyring.Grant
	Credential providers.Credential
	// Problem is why a token that needed it could not be renewed: a cause.Cause,
	// or an UnsavedError where the new one is here and not in the store. Nil
	// where all is well.
	Problem error
}

// Fresh reads the credential of a grant, and renews it before where less than
// five minutes of it are left. It is renewed once: by one of the processes that
// want it, and not again by this one while the new token lives.
//
// The error says that the store did not give it; everything else is handed over
// with its Problem.
func (d *Desk) Fresh(ctx context.Context, g keyring.Grant) (Fresh, error) {
	if f, kept := d.unsavedOf(ctx, g); kept {
		return f, nil
	}
	if !providers.Method(g.Method).OAuth() {
		listed, owed := d.handedOn(ctx, []keyring.Grant{g})
		return d.asItIs(ctx, listed[0], owed[g.Key])
	}
	if !d.due(g) {
		return d.asItIs(ctx, g, nil)
	}
	family, err := d.family(g)
	if err != nil {
		return Fresh{Grant: g}, err
	}
	if len(family) > 0 {
		return d.freshTogether(ctx, g)
	}
	return d.freshAlone(ctx, g)
}

func (d *Desk) freshAlone(ctx context.Context, g keyring.Grant) (Fresh, error) {
	var problem error
	var spent keyring.Credential
	renewed := false
	now, cred, err := d.Ring.Refresh(ctx, g.Key, func(g keyring.Grant, c keyring.Credential) (keyring.Grant, keyring.Credential, error) {
		if spent = c; !d.due(g) {
			return g, c, nil // another process was faster
		}
		after, fresh, why := d.renew(ctx, g, c)
		if why != nil {
			problem = why
			return g, c, nil
		}
		renewed = true
		return after, fresh, nil
	})
	switch {
	case err == nil && renewed:
		d.obtained(now)
		return Fresh{Grant: now, Credential: credentialOf(now, cred)}, nil
	case err == nil:
		return Fresh{Grant: d.after(now, problem), Credential: credentialOf(now, cred), Problem: problem}, nil
	case renewed:
		return d.keepRenewed(ctx, now, spent, cred, err)
	case errors.Is(err, keyring.ErrBusy), errors.Is(err, keyring.ErrNewer):
		return d.asItIs(ctx, g, err)
	default:
		return Fresh{Grant: g}, err
	}
}

func (d *Desk) asItIs(ctx context.Context, g keyring.Grant, problem error) (Fresh, error) {
	cred, err := d.Ring.Credential(ctx, g.Key)
	return Fresh{Grant: g, Credential: credentialOf(g, cred), Problem: problem}, err
}

// due reports whether a token is to be renewed before it is used. One that this
// process obtained itself is used for as long as it lives, however short that
// is: the host would give another such.
func (d *Desk) due(g keyring.Grant) bool {
	left := g.ExpiresAt.Sub(d.Now())
	if !renewable(g) || g.ExpiresAt.IsZero() || left >= freshFor {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return left <= 0 || !d.renewals[g.Key].Equal(g.SavedAt)
}

// renewable reports whether a grant can be renewed without anybody.
func renewable(g keyring.Grant) bool {
	return g.Renewable && g.ClientID != "" && providers.Method(g.Method).OAuth()
}

// obtained remembers a token as one that this process has renewed.
func (d *Desk) obtained(g keyring.Grant) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.renewals == nil {
		d.renewals = map[keyring.Key]time.Time{}
	}
	d.renewals[g.Key] = g.SavedAt
}

// renew trades the refresh token of a grant for a new credential. Once it is on
// its way nobody's leaving stops it: the old tokens may be dead from then on.
func (d *Desk) renew(ctx context.Context, g keyring.Grant, old keyring.Credential) (keyring.Grant, keyring.Credential, error) {
	p, h, err := d.HostOf(g)
	if err != nil {
		return g, old, cause.Cause{Kind: cause.Profile, Host: g.Host}
	}
	client, err := d.client(h)
	if err != nil {
		return g, old, err
	}
	a, err := d.application(ctx, p, h, g.ClientID, providers.Method(g.Method))
	if err != nil {
		return g, old, err
	}
	token, err := a.Refresh(context.WithoutCancel(ctx), client, old.Refresh)
	if err != nil {
		return g, old, d.unrenewed(g, spokenError(h, err))
	}
	g.ExpiresAt, g.ExpirySource = token.ExpiresAt, string(providers.ExpiryOAuth)
	if token.ExpiresAt.IsZero() {
		g.ExpirySource = string(providers.ExpiryNone)
	}
	forgive(&g)
	return g, keyring.Credential{Access: token.Access, Refresh: token.Refresh}, nil
}

// forgive takes back that a token is of no use, now that another is there about
// which nobody has been asked.
func forgive(g *keyring.Grant) {
	if v := Remembered(*g); v.Status.Gone() {
		v.Status, v.Cause = Unchecked, nil
		g.Verdict = encode(v) // the history is of what was said, and nothing was
	}
}

// unrenewed tells a sign-in that ran out from one that was withdrawn: hosts
// refuse the refresh tokens of both in the same words.
func (d *Desk) unrenewed(g keyring.Grant, err error) error {
	var why cause.Cause
	if !errors.As(err, &why) || why.Kind != cause.Lapsed {
		return err
	}
	why.Until = g.ExpiresAt
	if g.ExpiresAt.After(d.Now()) {
		why.Kind = cause.Withdrawn
	}
	return why
}

// after writes down that a sign-in is over, for everybody who asks the index
// alone. What only stood in the way says nothing about the grant, and what came
// of an old token nothing about one that took its place meanwhile.
func (d *Desk) after(g keyring.Grant, problem error) keyring.Grant {
	var why cause.Cause
	if !errors.As(problem, &why) || !why.Dead() {
		return g
	}
	dead := func(g *keyring.Grant) {
		v := Remembered(*g)
		v.CheckedAt, v.ExpiresAt, v.Expiry = d.Now().UTC(), g.ExpiresAt, providers.ExpirySource(g.ExpirySource)
		v.refuse(why, providers.Expiry{})
		record(g, v)
	}
	asked := g.SavedAt
	dead(&g)
	_ = d.Ring.Note(g.Key, func(now *keyring.Grant) { // what is not noted will be found out again
		if now.SavedAt.Equal(asked) {
			dead(now)
		}
	})
	return g
}

// keepRenewed tries once more to save what the store did not take, there and
// where the spent token is held still: nothing goes elsewhere by itself, and who
// signed in anew meanwhile has a token of their own. The old tokens are dead, so
// that the new ones are handed over whatever comes of it.
func (d *Desk) keepRenewed(ctx context.Context, g keyring.Grant, spent, c keyring.Credential, failed error) (Fresh, error) {
	ctx = context.WithoutCancel(ctx)
	save := func(ctx context.Context) (Successor, error) {
		if err := d.answered(ctx, g.Store, patience); err != nil {
			return Successor{Grant: g}, err
		}
		saved, held, err := d.inPlaceOf(ctx, g.Key, spent, g, c)
		if err == nil && !held.Access.Equal(c.Access) {
			err = ErrOtherToken
		}
		return Successor{Grant: saved}, err
	}
	saved, err := save(ctx)
	if errors.Is(err, ErrOtherToken) {
		return d.asItIs(ctx, saved.Grant, nil)
	}
	if err != nil {
		f := Fresh{Grant: g, Credential: credentialOf(g, c), Problem: &UnsavedError{Err: errors.Join(failed, err), save: save}}
		d.keepUnsaved(f)
		return f, nil
	}
	d.obtained(saved.Grant)
	return Fresh{Grant: saved.Grant, Credential: credentialOf(saved.Grant, c)}, nil
}

// keepUnsaved keeps a credential that is nowhere but in memory for whoever wants
// it next.
func (d *Desk) keepUnsaved(f Fresh) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.unsaved == nil {
		d.unsaved = map[keyring.Key]Fresh{}
	}
	d.unsaved[f.Grant.Key] = f
}

// unsavedOf is the credential of a grant that the store did not take before,
// saved by now where it takes it. One that was saved for the grant meanwhile, by
// whoever signed in anew, is better.
func (d *Desk) unsavedOf(ctx context.Context, g keyring.Grant) (Fresh, bool) {
	d.mu.Lock()
	f, kept := d.unsaved[g.Key]
	d.mu.Unlock()
	var unsaved *UnsavedError
	if !kept || !errors.As(f.Problem, &unsaved) {
		return Fresh{}, false
	}
	latest := d.asListed(g).SavedAt.Equal(f.Grant.SavedAt)
	if latest {
		saved, err := unsaved.Again(ctx)
		switch {
		case errors.Is(err, ErrOtherToken):
			latest = false
		case err != nil:
			return f, true
		default:
			d.obtained(saved.Grant)
			f.Grant, f.Problem = saved.Grant, nil
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.unsaved, g.Key)
	return f, latest
}

// stopped is the verdict on a grant that could not be renewed, and false where
// its token may be asked about all the same.
func (d *Desk) stopped(v Verdict, f Fresh) (Verdict, bool) {
	var why cause.Cause
	var unsaved *UnsavedError
	over := !f.Grant.ExpiresAt.After(d.Now())
	switch {
	case f.Problem == nil:
		return v, false
	case errors.As(f.Problem, &unsaved):
		return v.withoutCredential(f.Grant.Store, unsaved.Err), true
	case errors.As(f.Problem, &why) && (why.Dead() || over):
		v.refuse(why, providers.Expiry{})
		return v, true
	default:
		return v, over // somebody else is at it: nothing is known
	}
}
