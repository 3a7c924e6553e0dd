package flows

import (
	"context"
	"errors"
	"slices"

	"gitgrant/keyring"
	"gitgrant/providers"
)

// ErrSameRuntime says that a token was to be used for the runtime that it
// belongs to already.
var ErrSameRuntime = errors.New("that is the runtime that the token belongs to")

// Given is what came of giving a token to one grant.
type Given struct {
	Grant   keyring.Grant // as it is stored now; where nothing was stored, as it would have been
	Verdict Verdict       // on the token for this grant
	Stored  bool
	// Replaced says that the grant had another token before.
	Replaced bool
	// Err is why the store did not take what could have been stored.
	Err error
}

// CanReuse says why a token cannot be used for runtimes, whatever the host
// would say of it.
func (d *Desk) CanReuse(from keyring.Grant, runtimes []string) error {
	grants, err := d.Ring.Grants()
	if err != nil {
		return err
	}
	for _, name := range runtimes {
		if err := CheckRuntimeName(name); err != nil {
			return err
		}
		if name == from.Runtime {
			return ErrSameRuntime
		}
		for _, g := range grants {
			if g.Runtime == name && g.Host != from.Host {
				return &OtherHostError{Runtime: name, Has: g.Host, Wanted: from.Host}
			}
		}
	}
	return nil
}

// Reuse gives the token of a grant to other runtimes of the same host too. The
// host is asked once: to it, the token is the same for all of them. What cannot
// be used for one of them stops none of the others, and the grant itself stays
// as it is.
func (d *Desk) Reuse(ctx context.Context, from keyring.Grant, runtimes []string) ([]Given, error) {
	if err := d.CanReuse(from, runtimes); err != nil {
		return nil, err
	}
	fresh, err := d.Fresh(ctx, from)
	if err != nil {
		return nil, err
	}
	var unsaved *UnsavedError
	if errors.As(fresh.Problem, &unsaved) {
		return nil, unsaved // what nobody would have after this is given to nobody
	}
	from = fresh.Grant
	c := keyring.Credential{Access: fresh.Credential.Token, Refresh: fresh.Credential.Refresh}
	v, err := d.hold(ctx, from, c)
	if err != nil {
		return nil, err
	}
	var given []Given
	for _, name := range unique(runtimes) {
		to := from
		to.Runtime, to.Muted = name, false
		mine := Given{Grant: to, Verdict: v}
		mine.Err = d.aloneWith(ctx, to.Host, []string{to.Account}, func() error {
			mine = d.give(ctx, to, nil, c, v)
			return mine.Err
		})
		given = append(given, mine)
	}
	return given, d.keep([]keyring.Grant{from}, []Verdict{v})
}

func unique(names []string) []string {
	var once []string
	for _, name := range names {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	return once
}

// hold checks a credential against the purpose of a grant.
func (d *Desk) hold(ctx context.Context, g keyring.Grant, c keyring.Credential) (Verdict, error) {
	p, h, err := d.HostOf(g)
	if err != nil {
		return Verdict{}, err
	}
	return d.Check(ctx, Subject{
		Provider: p, Host: h, Purpose: providers.Purpose(g.Purpose), Credential: credentialOf(g, c),
		Renewable: !c.Refresh.Empty() && g.ClientID != "" && providers.Method(g.Method).OAuth(),
		Known:     providers.Expiry{At: g.ExpiresAt, Source: providers.ExpirySource(g.ExpirySource)},
	}, nil)
}

// give stores a credential as that of a grant, where the verdict on it allows.
// old is the grant that it takes the place of, where that has another key.
func (d *Desk) give(ctx context.Context, to keyring.Grant, old *keyring.Key, c keyring.Credential, v Verdict) Given {
	to.Store, to.Intent, to.History, to.Heirs = "", nil, nil, nil // what those are is found out by the save
	to.Verdict, to.Kind = encode(v), string(v.Kind)
	to.ExpiresAt, to.ExpirySource = v.ExpiresAt, string(v.Expiry)
	given := Given{Grant: to, Verdict: v}
	if !v.Status.Storable(false) {
		return given
	}
	ctx = context.WithoutCancel(ctx) // each is stored as a whole or not at all
	given.Err = d.Ring.Alone(ctx, to.Runtime, func() error {
		before, err := d.Ring.Of(to.Runtime)
		if err != nil {
			return err
		}
		for _, g := range before {
			if g.Host != to.Host {
				return &OtherHostError{Runtime: g.Runtime, Has: g.Host, Wanted: to.Host}
			}
			given.Replaced = given.Replaced || g.Key == to.Key
		}
		given.Grant, err = d.store(ctx, SaveGrant{Grant: to, Credential: c, Old: old})
		return err
	})
	given.Stored = given.Err == nil
	return given
}
