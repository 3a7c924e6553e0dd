package flows

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"

	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// Status checks stored grants, all hosts at once, and keeps the verdicts in
// the index. each (which may be nil) hears every verdict as it comes in, from
// several goroutines. The result has the order of the grants; a NotKeptError
// comes beside it. A fault of the program in each is a panic of Status itself.
func (d *Desk) Status(ctx context.Context, grants []keyring.Grant, each func(i int, v Verdict)) ([]Verdict, error) {
	_, verdicts, err := d.checked(ctx, grants, each)
	return verdicts, err
}

// checked is Status, with the grants as they are after it: some tokens are renewed
// before they are asked about.
func (d *Desk) checked(ctx context.Context, grants []keyring.Grant, each func(i int, v Verdict)) ([]keyring.Grant, []Verdict, error) {
	grants, owed := d.handedOn(ctx, grants)
	creds, err := d.Ring.Read()
	if err != nil {
		return grants, nil, err
	}
	s := &sweep{desk: d, creds: creds, owed: owed, grants: slices.Clone(grants), verdicts: make([]Verdict, len(grants)), each: each}
	s.run(ctx)
	if ctx.Err() != nil {
		return grants, nil, ctx.Err()
	}
	return s.grants, s.verdicts, d.keep(s.grants, s.verdicts)
}

// NotKeptError says that verdicts could not be written into the index. They
// hold all the same.
type NotKeptError struct{ Err error }

func (e *NotKeptError) Error() string { return "the verdicts were not kept: " + e.Err.Error() }

func (e *NotKeptError) Unwrap() error { return e.Err }

// sweep is one pass over stored grants.
type sweep struct {
	desk     *Desk
	creds    *keyring.Reading
	owed     map[keyring.Key]error // why some hold a dead token still, whose successor is here
	grants   []keyring.Grant
	verdicts []Verdict
	each     func(i int, v Verdict)
}

// run visits all hosts at once, each by no more than perHost at a time.
func (s *sweep) run(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var workers sync.WaitGroup
	var fault any
	var first sync.Once
	for _, mine := range s.byHost() {
		v := newVisit(ctx, s.desk.Now)
		next := make(chan int, len(mine))
		for _, i := range mine {
			next <- i
		}
		close(next)
		for range min(perHost, len(mine)) {
			workers.Go(func() {
				defer func() {
					if f := recover(); f != nil { // who called is to hear of it, and not the whole process
						first.Do(func() { fault = f })
						stop()
					}
				}()
				for i := range next {
					s.check(ctx, v, i)
				}
			})
		}
	}
	workers.Wait()
	if fault != nil {
		panic(fault)
	}
}

// byHost are the places of the grants, by the host that they are at.
func (s *sweep) byHost() map[string][]int {
	at := map[string][]int{}
	for i, g := range s.grants {
		at[g.Host] = append(at[g.Host], i)
	}
	return at
}

func (s *sweep) check(ctx context.Context, v *visit, i int) {
	if ctx.Err() != nil {
		return
	}
	s.verdicts[i] = s.examine(ctx, v, &s.grants[i])
	if s.each != nil && ctx.Err() == nil {
		s.each(i, s.verdicts[i])
	}
}

// examine checks one stored grant, which changes where its token is renewed
// before.
func (s *sweep) examine(ctx context.Context, at *visit, stored *keyring.Grant) (v Verdict) {
	d, g := s.desk, *stored
	defer func() {
		if recover() != nil { // a fault with one token says nothing about it, nor about the others
			v = d.remembered(g)
		}
	}()
	v = d.remembered(g)
	p, h, err := d.HostOf(g)
	if err != nil {
		v.refuse(cause.Cause{Kind: cause.Profile, Host: g.Host}, providers.Expiry{})
		return v
	}
	fresh, err := s.fresh(ctx, g)
	if err != nil {
		return v.withoutCredential(g.Store, err)
	}
	g = fresh.Grant
	*stored, v.ExpiresAt, v.Expiry = g, g.ExpiresAt, providers.ExpirySource(g.ExpirySource)
	if v, stopped := d.stopped(v, fresh); stopped {
		return v
	}
	subject := Subject{
		Provider: p, Host: h, Purpose: providers.Purpose(g.Purpose),
		Credential: fresh.Credential, Renewable: renewable(g),
		Known:  providers.Expiry{At: g.ExpiresAt, Source: providers.ExpirySource(g.ExpirySource)},
		Before: Remembered(g),
	}
	in, err := at.ask(ctx, subject, d.inspect)
	if errors.Is(err, ErrFault) {
		return v
	}
	if !in.Rights.Known { // what showed its rights once has to show them again
		subject.Repositories = g.Repositories
	}
	checked, err := d.conclude(ctx, subject, in, err, nil)
	switch {
	case errors.Is(err, ErrTokenCharacters):
		v.Status, v.Cause = Absent, nil // what rests there is no token
		return v
	case err != nil:
		return v
	}
	return checked.keeping(v).after(g.Intent).still(subject.Before)
}

// fresh is the credential of one grant. Most are read with all others; one that
// is renewed has a lock of its own.
func (s *sweep) fresh(ctx context.Context, g keyring.Grant) (Fresh, error) {
	if err := s.owed[g.Key]; err != nil {
		return Fresh{Grant: g}, err
	}
	if s.desk.due(g) {
		return s.desk.Fresh(ctx, g)
	}
	cred, err := s.creds.Credential(ctx, g.Key)
	return Fresh{Grant: g, Credential: credentialOf(g, cred)}, err
}

// after reads a verdict in the light of what was begun at the host and never
// seen to its end.
func (v Verdict) after(intent *keyring.Intent) Verdict {
	gone := v.Status == Revoked || v.Status == Rejected
	switch {
	case intent == nil || !gone:
	case intent.What == IntentRotate:
		v.Status, v.Cause = Revoked, &cause.Cause{Kind: cause.Rotated}
	case intent.What == IntentRevoke:
		v.Status, v.Cause = Revoked, &cause.Cause{Kind: cause.Ended, Host: v.Cause.Host}
	}
	return v
}

// still keeps why a token is dead where that was known before: a host that goes
// on refusing it may say less than when it was ended.
func (v Verdict) still(before Verdict) Verdict {
	gone := v.Status == Revoked || v.Status == Rejected
	if gone && before.Status == Revoked && before.Cause != nil {
		v.Status, v.Cause = Revoked, before.Cause
	}
	return v
}

// remembered is what is known of a grant without asking anybody.
func (d *Desk) remembered(g keyring.Grant) Verdict {
	last := Remembered(g)
	return Verdict{
		Status: Unchecked, Account: last.Account, Kind: providers.TokenKind(g.Kind), Findings: last.Findings, Excess: last.Excess, LastUsed: last.LastUsed,
		ExpiresAt: g.ExpiresAt, Expiry: providers.ExpirySource(g.ExpirySource), CheckedAt: d.Now().UTC(),
	}
}

// Remembered is the last verdict on a grant; its Status is Unchecked where
// there never was one.
func Remembered(g keyring.Grant) Verdict {
	v := Verdict{Status: Unchecked}
	if len(g.Verdict) > 0 && json.Unmarshal(g.Verdict, &v) != nil {
		return Verdict{Status: Unchecked}
	}
	return v.clean()
}

// withoutCredential is the verdict where a store did not give the token. Only one
// that answers that it has none lacks it: whatever else went wrong on this machine
// says nothing about the token.
func (v Verdict) withoutCredential(store keyring.Kind, err error) Verdict {
	var condition keyring.Condition
	switch {
	case errors.As(err, &condition):
		v.Status, v.Condition = Locked, &condition
	case errors.Is(err, keyring.ErrUnknownOutcome):
		v.Status, v.Condition = Locked, &keyring.Condition{Store: keyring.System, State: keyring.Unresponsive}
	case errors.Is(err, keyring.ErrNotFound), errors.Is(err, keyring.ErrCorrupt):
		v.Status = Absent
	default:
		v.Status, v.Condition = Locked, &keyring.Condition{Store: store, State: keyring.Denied, Detail: wire.Clean(err.Error())}
	}
	return v
}

// keeping fills in what a refused or unanswered check could not tell from what
// was known before.
func (v Verdict) keeping(before Verdict) Verdict {
	if v.Account.Login == "" {
		v.Account = before.Account
	}
	if v.Kind == "" {
		v.Kind = before.Kind
	}
	if v.LastUsed.IsZero() {
		v.LastUsed = before.LastUsed
	}
	if v.Findings == nil {
		v.Findings, v.Excess = before.Findings, before.Excess
	}
	return v
}

// keep writes the verdicts into the index, all of them at once. Those that say
// nothing about the token leave the last one standing, and so does a token that
// another took the place of while it was being checked.
func (d *Desk) keep(grants []keyring.Grant, verdicts []Verdict) error {
	var told []int
	var keys []keyring.Key
	for i, v := range verdicts {
		if v.Status.Class() != NotAsked {
			told, keys = append(told, i), append(keys, grants[i].Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	err := d.Ring.NoteAll(keys, func(n int, g *keyring.Grant) {
		checked, v := grants[told[n]], verdicts[told[n]]
		if !g.SavedAt.Equal(checked.SavedAt) || g.Store != checked.Store {
			return
		}
		record(g, v)
		g.Kind = string(v.Kind)
		g.ExpiresAt, g.ExpirySource = v.ExpiresAt, string(v.Expiry)
		if v.Status != Absent && sameIntent(g.Intent, checked.Intent) {
			g.Intent = nil // the host has said what came of it
		}
	})
	if err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return &NotKeptError{err}
	}
	return nil
}

func sameIntent(a, b *keyring.Intent) bool {
	return a != nil && b != nil && a.What == b.What && a.Since.Equal(b.Since)
}
