package flows

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
)

// Work is something slow that a conversation wants done.
type Work interface{ work() }

// Effect is work and the turn that it belongs to. Turn 0 belongs to the whole
// conversation and is never out of date.
type Effect struct {
	Turn int
	Work Work
}

// The kinds of work.
type (
	// ProbeStore finds the state of the store, without a prompt.
	ProbeStore struct{}
	// UnlockStore opens the store; a vault takes a passphrase for it.
	UnlockStore struct{ Passphrase secret.Secret }
	// SwitchToVault makes the vault the store.
	SwitchToVault struct{}
	// MeetHost asks a host, without a token, what it is.
	MeetHost struct {
		Provider providers.Provider
		Host     providers.Host
	}
	// SignIn runs the device flow: one CodeIssued, then Authorized or Failed.
	SignIn struct {
		Provider providers.Provider
		Host     providers.Host
		Purpose  providers.Purpose
	}
	// CheckToken checks a token: any number of Progress, then Checked or Failed.
	CheckToken struct{ Subject Subject }
	// RememberHost keeps the profile of a host.
	RememberHost struct{ Host providers.Host }
	// SaveGrant stores a grant; Old is the one that it takes the place of.
	SaveGrant struct {
		Grant      keyring.Grant
		Credential keyring.Credential
		Old        *keyring.Key
	}
)

func (ProbeStore) work()    {}
func (UnlockStore) work()   {}
func (SwitchToVault) work() {}
func (MeetHost) work()      {}
func (SignIn) work()        {}
func (CheckToken) work()    {}
func (RememberHost) work()  {}
func (SaveGrant) work()     {}

// Event is what came of an effect, with the turn that it belongs to.
type Event struct {
	Turn int
	What any
}

// What comes of work.
type (
	// StoreState is the state of the store as found.
	StoreState struct{ Condition keyring.Condition }
	// VaultTaken says that the vault is the store now.
	VaultTaken struct{ Condition keyring.Condition }
	// HostMet is a host that is what it was taken for.
	HostMet struct{ Version string }
	// CodeIssued is a device code for the person.
	CodeIssued struct{ Code oauth.Code }
	// Authorized is a token that the host issued.
	Authorized struct{ Token oauth.Token }
	// Progress is a verdict before its end.
	Progress struct{ Verdict Verdict }
	// Checked is the verdict.
	Checked struct{ Verdict Verdict }
	// Saved is the grant as it was stored.
	Saved struct{ Grant keyring.Grant }
	// Failed is work that did not succeed.
	Failed struct{ Err error }
)

// Perform does the work of an effect and emits what comes of it, in order,
// before it returns. A cancelled context emits nothing more.
func (d *Desk) Perform(ctx context.Context, e Effect, emit func(Event)) {
	tell := func(what any) {
		if ctx.Err() == nil || isSaved(what) {
			emit(Event{Turn: e.Turn, What: what})
		}
	}
	if err := d.perform(ctx, e.Work, tell); err != nil {
		tell(Failed{Err: err})
	}
}

func isSaved(what any) bool { _, ok := what.(Saved); return ok }

func (d *Desk) perform(ctx context.Context, w Work, tell func(any)) error {
	switch w := w.(type) {
	case ProbeStore:
		tell(StoreState{d.Ring.Probe(ctx)})
	case UnlockStore:
		return d.unlock(ctx, w.Passphrase, tell)
	case SwitchToVault:
		if err := d.OpenVault(); err != nil {
			return err
		}
		tell(VaultTaken{d.Ring.Probe(ctx)})
	case MeetHost:
		version, err := d.meet(ctx, w)
		if err != nil {
			return err
		}
		tell(HostMet{version})
	case SignIn:
		var refused cause.Cause
		if err := d.signIn(ctx, w, tell); errors.As(err, &refused) {
			return spoken(w.Host, refused)
		} else if err != nil {
			return err
		}
	case CheckToken:
		v, err := d.Check(ctx, w.Subject, func(v Verdict) { tell(Progress{v}) })
		if err != nil {
			return err
		}
		tell(Checked{v})
	case RememberHost:
		return d.Hosts.Set(w.Host)
	case SaveGrant:
		return d.save(ctx, w, tell)
	}
	return nil
}

// meetBudget is how long a person waits to hear that a host is there.
const meetBudget = 2 * time.Second

func (d *Desk) meet(ctx context.Context, w MeetHost) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, meetBudget)
	defer cancel()
	return d.Meet(ctx, w.Provider, w.Host)
}

func (d *Desk) unlock(ctx context.Context, passphrase secret.Secret, tell func(any)) error {
	opener, ok := d.Ring.Store().(keyring.Opener)
	if !ok {
		tell(StoreState{d.Ring.Probe(ctx)})
		return nil
	}
	if err := opener.Open(ctx, passphrase); err != nil {
		return err
	}
	tell(StoreState{d.Ring.Probe(ctx)})
	return nil
}

func (d *Desk) signIn(ctx context.Context, w SignIn, tell func(any)) error {
	c, err := d.client(w.Host)
	if err != nil {
		return err
	}
	if err := w.Provider.CheckApplication(w.Host.ClientID); err != nil {
		return err
	}
	scopes := providers.PolicyOf(w.Host.Provider).Scopes(w.Purpose, providers.OAuthToken)
	device := w.Provider.Device(w.Host, scopes)
	code, err := device.Start(ctx, c)
	if err != nil {
		return err
	}
	tell(CodeIssued{code})
	token, err := device.Wait(ctx, c, code)
	if err != nil {
		return err
	}
	tell(Authorized{token})
	return nil
}

// save stores a grant. The context's end does not stop it: a save that has
// begun is finished or fails by itself.
func (d *Desk) save(ctx context.Context, w SaveGrant, tell func(any)) error {
	ctx = context.WithoutCancel(ctx)
	if w.Old == nil {
		if err := d.stillFree(w.Grant); err != nil {
			return err
		}
	}
	saved, err := d.store(ctx, w)
	if err != nil {
		return err
	}
	tell(Saved{saved})
	return nil
}

// stillFree looks again: another terminal may have been faster.
func (d *Desk) stillFree(g keyring.Grant) error {
	grants, err := d.Ring.Of(g.Runtime)
	if err != nil {
		return err
	}
	for _, other := range grants {
		if other.Host != g.Host {
			return &OtherHostError{Runtime: g.Runtime, Has: other.Host, Wanted: g.Host}
		}
		if other.Key == g.Key || other.Purpose == g.Purpose && g.Purpose == string(providers.Runtime) {
			return &TakenError{Runtime: g.Runtime, Purpose: providers.Purpose(g.Purpose), Account: other.Account}
		}
	}
	return nil
}

func (d *Desk) store(ctx context.Context, w SaveGrant) (keyring.Grant, error) {
	if w.Old != nil && *w.Old != w.Grant.Key {
		return d.Ring.Replace(ctx, *w.Old, w.Grant, w.Credential)
	}
	return d.Ring.Save(ctx, w.Grant, w.Credential)
}

func encode(v Verdict) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return nil // a Verdict is plain data
	}
	return b
}
