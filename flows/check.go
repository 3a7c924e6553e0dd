package flows

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// Subject is a token to check and what it is held against.
type Subject struct {
	Provider   providers.Provider
	Host       providers.Host
	Purpose    providers.Purpose
	Credential providers.Credential
	// Known is an expiry from before: stored, or stated by the person.
	Known providers.Expiry
	// Before is the last verdict on the same token, where there was one.
	Before Verdict
	// Renewable says that the token can be renewed without anybody: its end is
	// then nothing to warn of.
	Renewable bool
	// Repositories are paths on the host, to prove the token against.
	Repositories []string
}

// Check asks the host about a token. Each time more is known, progress (which
// may be nil) gets the verdict so far; its Status is Unchecked until the end.
//
// The error is the context's, or ErrTokenCharacters: then nothing was asked.
// Everything that a host or the way to it does is a Verdict.
func (d *Desk) Check(ctx context.Context, s Subject, progress func(Verdict)) (Verdict, error) {
	in, err := d.inspect(ctx, s)
	return d.conclude(ctx, s, in, err, progress)
}

// inspect asks what the token is and may do. Where that has been found out
// before, hosts that take several questions are asked only what can change.
func (d *Desk) inspect(ctx context.Context, s Subject) (providers.Inspection, error) {
	c, err := d.client(s.Host)
	if err != nil {
		return providers.Inspection{}, err
	}
	again, ok := s.Provider.(providers.Rechecker)
	if known := s.Before; ok && known.Account.Login != "" && known.Kind != "" {
		return again.Recheck(ctx, c, s.Host, s.Credential, providers.Inspection{Account: known.Account, Kind: known.Kind, Version: known.Version})
	}
	return s.Provider.Inspect(ctx, c, s.Host, s.Credential)
}

// conclude makes the verdict out of what the host said, and proves the token
// against the repositories that were named.
func (d *Desk) conclude(ctx context.Context, s Subject, in providers.Inspection, err error, progress func(Verdict)) (Verdict, error) {
	v := Verdict{Status: Unchecked, CheckedAt: d.Now().UTC()}
	if err != nil {
		v.Kind = in.Kind
		return d.refused(ctx, v, s, err)
	}
	d.note(&v, s, in)
	report(progress, v)
	for _, repo := range s.Repositories {
		proofs, err := d.prove(ctx, s, in, repo)
		if err != nil {
			return d.refused(ctx, v, s, err)
		}
		v.Proofs = append(v.Proofs, proofs...)
		v.Findings = providers.PolicyOf(s.Host.Provider).Hold(s.Purpose, in, v.Proofs)
		report(progress, v)
	}
	v.judge(s.Host.URL, d.within(s.Renewable))
	return v, nil
}

func (d *Desk) prove(ctx context.Context, s Subject, in providers.Inspection, repo string) ([]providers.Proof, error) {
	c, err := d.client(s.Host)
	if err != nil {
		return nil, err
	}
	return s.Provider.Prove(ctx, c, s.Host, s.Credential, providers.Question{
		Repository: repo, Kind: in.Kind, Rights: providers.PolicyOf(s.Host.Provider).Rights(s.Purpose),
	})
}

// within is how long before its end a token counts as expiring.
func (d *Desk) within(renewable bool) time.Duration {
	if renewable {
		return never
	}
	return d.Within
}

// never is no time before an end at all.
const never = time.Duration(math.MinInt64)

func (d *Desk) note(v *Verdict, s Subject, in providers.Inspection) {
	policy := providers.PolicyOf(s.Host.Provider)
	expiry := laterKnown(in.Expiry, s.Known)
	v.Account, v.Kind, v.Version = in.Account, in.Kind, in.Version
	v.LastUsed = in.LastUsed
	v.ExpiresAt, v.Expiry = expiry.At, expiry.Source
	v.Findings = policy.Hold(s.Purpose, in, v.Proofs)
	v.Excess = policy.Excess(s.Purpose, in)
}

func (d *Desk) refused(ctx context.Context, v Verdict, s Subject, err error) (Verdict, error) {
	switch {
	case ctx.Err() != nil:
		return Verdict{}, ctx.Err()
	case errors.Is(err, wire.ErrNotSendable):
		return Verdict{}, ErrTokenCharacters
	case errors.Is(err, providers.ErrForeignRepository):
		return Verdict{}, err
	}
	known := laterKnown(providers.Expiry{At: v.ExpiresAt, Source: v.Expiry}, s.Known)
	v.ExpiresAt, v.Expiry = known.At, known.Source
	v.refuse(spoken(s.Host, cause.Of(err)), known)
	return v, nil
}

// spoken names the host that answered as a person knows it: its API and its
// sign-in may have addresses of their own. Where nothing answered, the address
// that was tried is what matters.
func spoken(h providers.Host, c cause.Cause) cause.Cause {
	if _, name, found := strings.Cut(h.URL, "://"); found && (c.Status != 0 || brought(c.Kind)) {
		c.Host = name
	}
	return c
}

// brought reports whether a cause came by way of a browser.
func brought(kind cause.Kind) bool {
	switch kind {
	case cause.Denied, cause.SignInRefused, cause.RedirectRefused, cause.NoReturn:
		return true
	default:
		return false
	}
}

func report(progress func(Verdict), v Verdict) {
	if progress != nil {
		progress(v)
	}
}
