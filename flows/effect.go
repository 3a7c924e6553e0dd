package flows

import (
	"context"
	"encoding/json"

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
	// AwaitStore waits a while for a store that has not answered.
	AwaitStore struct{}
	// MeetHost asks a host, without a token, what it is.
	MeetHost struct {
		Provider providers.Provider
		Host     providers.Host
	}
	// FindHost finds the host behind an address of anything on it, or behind a
	// git remote. Kind is what it is to be; any where it is empty.
	FindHost struct {
		Pasted string
		Kind   providers.Kind
	}
	// SignIn runs a flow of OAuth2: one CodeIssued or PageOpened, then
	// Authorized or Failed. The secret is that of the application; empty is the
	// one that is kept, if any.
	SignIn struct {
		Provider providers.Provider
		Host     providers.Host
		Purpose  providers.Purpose
		Method   providers.Method
		Secret   secret.Secret
	}
	// CheckToken checks a token: any number of Progress, then Checked or Failed.
	CheckToken struct{ Subject Subject }
	// RememberHost keeps the profile of a host, and the secret of its application
	// where there is one.
	RememberHost struct {
		Host   providers.Host
		Secret secret.Secret
	}
	// SaveGrant stores a grant; Old is the one that it takes the place of. Late
	// says that an earlier try was not answered in time: it may have succeeded.
	SaveGrant struct {
		Grant      keyring.Grant
		Credential keyring.Credential
		Old        *keyring.Key
		Late       bool
	}
)

func (ProbeStore) work()    {}
func (UnlockStore) work()   {}
func (SwitchToVault) work() {}
func (AwaitStore) work()    {}
func (MeetHost) work()      {}
func (FindHost) work()      {}
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
	// StoreAnswered says that no call to the store is under way any more.
	StoreAnswered struct{}
	// HostMet is a host that is what it was taken for.
	HostMet struct{ Version string }
	// HostFound is the host behind something pasted.
	HostFound struct{ Found }
	// CodeIssued is a device code for the person.
	CodeIssued struct{ Code oauth.Code }
	// Authorized is a token that the host issued.
	Authorized struct{ Token oauth.Token }
	// Progress is a verdict before its end.
	Progress struct{ Verdict Verdict }
	// Checked is the verdict, and whether the token serves another purpose.
	Checked struct {
		Verdict Verdict
		Shared  bool // the same token is stored for the other purpose
	}
	// Replacing is what a save takes the place of, told before that is gone; nil
	// where it is not known.
	Replacing struct{ Former *Former }
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
	if err := d.guarded(ctx, e.Work, tell); err != nil {
		tell(Failed{Err: err})
	}
}

// guarded keeps a fault of the program from ending it in the middle of a
// conversation, which may hold a token that is nowhere else. What the fault
// says is dropped: it may hold one too.
func (d *Desk) guarded(ctx context.Context, w Work, tell func(any)) (err error) {
	defer func() {
		if recover() != nil {
			err = ErrFault
		}
	}()
	return d.perform(ctx, w, tell)
}

func isSaved(what any) bool { _, ok := what.(Saved); return ok }

func (d *Desk) perform(ctx context.Context, w Work, tell func(any)) error {
	switch w := w.(type) {
	case ProbeStore, UnlockStore, SwitchToVault, AwaitStore:
		return d.performAtStore(ctx, w, tell)
	case MeetHost:
		version, err := d.Meet(ctx, w.Provider, w.Host)
		if err != nil {
			return err
		}
		tell(HostMet{version})
	case FindHost:
		found, err := d.find(ctx, w)
		if err != nil {
			return err
		}
		tell(HostFound{found})
	case SignIn:
		return spokenError(w.Host, d.signIn(ctx, w, tell))
	case TryApplication:
		return spokenError(w.Host, d.try(ctx, w, tell))
	case BringReturn:
		if err := w.Visit.Bring(w.Address); err != nil {
			tell(NotReturned{err})
		}
	case CheckToken:
		v, err := d.Check(ctx, w.Subject, func(v Verdict) { tell(Progress{v}) })
		if err != nil {
			return err
		}
		tell(Checked{v, d.twofold(ctx, w.Subject, v)})
	case RememberHost:
		return d.remember(ctx, w)
	case SaveGrant:
		return d.save(ctx, w, tell)
	case EndToken:
		if err := d.endFormer(ctx, w.Former); err != nil {
			return err
		}
		tell(Ended{})
	case GiveToken:
		given, err := d.share(ctx, w)
		if err != nil {
			return err
		}
		tell(Shared{given})
	}
	return nil
}

func (d *Desk) performAtStore(ctx context.Context, w Work, tell func(any)) error {
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
	case AwaitStore:
		if err := d.answered(ctx, d.Ring.Store().Kind(), longPatience); err != nil {
			return err
		}
		tell(StoreAnswered{})
	}
	return nil
}

// find is Detect for somebody who was asked for a kind or a host. A word that
// is neither an address nor the name of a remote was meant for a choice.
func (d *Desk) find(ctx context.Context, w FindHost) (Found, error) {
	found, err := d.Detect(ctx, w.Pasted)
	switch {
	case err != nil && w.Kind == "" && remoteName().MatchString(w.Pasted):
		return Found{}, ErrNotOffered
	case err == nil && w.Kind != "" && found.Provider.Kind() != w.Kind:
		return Found{}, &OtherKindError{Host: found.Host.URL, Is: found.Provider.Kind(), Wanted: w.Kind}
	default:
		return found, err
	}
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

// signIn asks for a token that can be renewed where the profile of the host wants
// one. An application that may not ask for it signs in without.
func (d *Desk) signIn(ctx context.Context, w SignIn, tell func(any)) error {
	flow := d.enterCode
	if w.Method == providers.Browser {
		flow = d.browse
	}
	scopes, offline := providers.Asked(w.Provider, w.Host, w.Purpose)
	err := flow(ctx, w, scopes, tell)
	if offline && cause.Is(err, cause.ScopeRefused) {
		return flow(ctx, w, scopes[:len(scopes)-1], tell)
	}
	return err
}

// enterCode signs in with a code.
func (d *Desk) enterCode(ctx context.Context, w SignIn, scopes []string, tell func(any)) error {
	c, err := d.client(w.Host)
	if err != nil {
		return err
	}
	if err := w.Provider.CheckApplication(w.Host.ClientID); err != nil {
		return err
	}
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

func encode(v Verdict) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return nil // a Verdict is plain data
	}
	return b
}
