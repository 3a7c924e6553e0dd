package flows

import (
	"strings"
	"time"

	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// Status is the verdict on a token, in the words of the reports.
type Status string

// The statuses, as docs/reports.md lists them.
const (
	Valid         Status = "valid"
	Expiring      Status = "expiring"
	Expired       Status = "expired"
	Revoked       Status = "revoked"
	Rejected      Status = "rejected"
	MissingScopes Status = "missing-scopes"
	Unverifiable  Status = "unverifiable"
	SSORequired   Status = "sso-required"
	Restricted    Status = "restricted"
	RateLimited   Status = "rate-limited"
	Unreachable   Status = "unreachable"
	Locked        Status = "locked"
	Absent        Status = "absent"
	Unchecked     Status = "unchecked"
)

// Statuses are all of them.
var Statuses = []Status{
	Valid, Expiring, Expired, Revoked, Rejected, MissingScopes, Unverifiable,
	SSORequired, Restricted, RateLimited, Unreachable, Locked, Absent, Unchecked,
}

// Class is what a status means for whoever relies on the token.
type Class int

// The classes, from good to bad. NotAsked says nothing about the token.
const (
	Good Class = iota
	Ending
	NotAsked
	Bad
)

// Class of a status.
func (s Status) Class() Class {
	switch s {
	case Valid, Unverifiable:
		return Good
	case Expiring:
		return Ending
	case RateLimited, Unreachable, Locked, Unchecked:
		return NotAsked
	default:
		return Bad
	}
}

// Accepted reports whether the host took the token, whatever it may do.
func (s Status) Accepted() bool {
	return s.Class() == Good || s.Class() == Ending || s == MissingScopes
}

// Gone reports whether a token is known to be of no use to anybody. What is known
// of its rights is then what it could do before.
func (s Status) Gone() bool { return s == Expired || s == Revoked || s == Rejected }

// Storable reports whether a token with this status may be saved; force is the
// person's word that missing scopes are known.
func (s Status) Storable(force bool) bool {
	return s.Class() == Good || s == Expiring || s == MissingScopes && force
}

// Verdict is what was found out about a token, with the facts that its
// sentence needs. It is kept in the index as it is and holds no secret.
type Verdict struct {
	Status    Status                 `json:"status"`
	Cause     *cause.Cause           `json:"cause,omitempty"`     // why it was refused or could not be asked
	Condition *keyring.Condition     `json:"condition,omitempty"` // why the store did not give it
	Account   providers.Account      `json:"account,omitzero"`
	Kind      providers.TokenKind    `json:"kind,omitempty"`
	Findings  []providers.Finding    `json:"findings,omitempty"`
	Excess    []string               `json:"excess,omitempty"`
	Proofs    []providers.Proof      `json:"proofs,omitempty"`
	ExpiresAt time.Time              `json:"expires_at,omitzero"`
	Expiry    providers.ExpirySource `json:"expiry,omitempty"`
	Version   string                 `json:"version,omitempty"` // of the host
	CheckedAt time.Time              `json:"checked_at,omitzero"`
	LastUsed  time.Time              `json:"last_used_at,omitzero"` // zero where the host does not tell it
}

// Missing are the findings that stand between the token and its purpose.
func (v Verdict) Missing() []providers.Finding {
	return v.inState(providers.Missing)
}

// Unproven are the findings that nothing read-only can prove.
func (v Verdict) Unproven() []providers.Finding {
	return v.inState(providers.Unverifiable)
}

func (v Verdict) inState(state providers.State) []providers.Finding {
	var found []providers.Finding
	for _, f := range v.Findings {
		if f.State == state {
			found = append(found, f)
		}
	}
	return found
}

// clean takes out of a verdict from the index what no host's text has after
// cleaning: the file may have been edited by hand.
func (v Verdict) clean() Verdict {
	if v.Cause != nil {
		c := *v.Cause
		c.Host, c.Org, c.URL, c.Detail = wire.Clean(c.Host), wire.Clean(c.Org), wire.Clean(c.URL), wire.Clean(c.Detail)
		c.User, c.Right = wire.Clean(c.User), wire.Clean(c.Right)
		v.Cause = &c
	}
	v.Account.Login, v.Account.Name, v.Version = wire.Clean(v.Account.Login), wire.Clean(v.Account.Name), wire.Clean(v.Version)
	for i, f := range v.Findings {
		f.Name, f.Label, f.By, f.Evidence = wire.Clean(f.Name), wire.Clean(f.Label), wire.Clean(f.By), wire.Clean(f.Evidence)
		f.Needs, f.Lacks = cleaned(f.Needs), cleaned(f.Lacks)
		v.Findings[i] = f
	}
	for i, p := range v.Proofs {
		p.Repository, p.Evidence, p.User = wire.Clean(p.Repository), wire.Clean(p.Evidence), wire.Clean(p.User)
		v.Proofs[i] = p
	}
	v.Excess = cleaned(v.Excess)
	return v
}

func cleaned(texts []string) []string {
	for i, text := range texts {
		texts[i] = wire.Clean(text)
	}
	return texts
}

// DefaultWithin is how long before its end a token counts as expiring.
const DefaultWithin = 14 * 24 * time.Hour

// judge gives the status of a token that its host, at this address, accepted.
func (v *Verdict) judge(host string, within time.Duration) {
	switch {
	case v.Expiry == providers.ExpiryUser && !v.ExpiresAt.After(v.CheckedAt):
		// The host has no say in a stated end, so the statement decides.
		v.Status = Expired
		_, name, _ := strings.Cut(host, "://")
		v.Cause = &cause.Cause{Kind: cause.Stated, Host: name, Until: v.ExpiresAt}
	case len(v.Missing()) > 0:
		v.Status = MissingScopes
	case !v.ExpiresAt.IsZero() && v.ExpiresAt.Sub(v.CheckedAt) <= within:
		v.Status = Expiring
	case len(v.Unproven()) > 0:
		v.Status = Unverifiable
	default:
		v.Status = Valid
	}
}

// refuse gives the status of a token that the host did not accept, or was not
// asked about. known is the end that was known before.
func (v *Verdict) refuse(why cause.Cause, known providers.Expiry) {
	if why.Kind == cause.Rejected {
		why = rejection(why, known, v.CheckedAt)
	}
	v.Cause = &why
	v.Status = statusOf(why.Kind)
}

// rejection tells expired from revoked where the end of the token is known:
// most hosts refuse both in the same words.
func rejection(why cause.Cause, known providers.Expiry, now time.Time) cause.Cause {
	switch {
	case known.At.IsZero():
	case !known.At.After(now):
		why.Kind, why.Until = cause.Expired, known.At
	case known.Source == providers.ExpiryProvider || known.Source == providers.ExpiryOAuth:
		why.Kind, why.Until = cause.Revoked, known.At
	}
	return why
}

func statusOf(kind cause.Kind) Status {
	switch kind {
	case cause.Rejected, cause.AppPassword, cause.ToldByGit:
		return Rejected
	case cause.Expired, cause.Stated, cause.Lapsed:
		return Expired
	case cause.Revoked, cause.Ended, cause.Rotated, cause.Withdrawn:
		return Revoked
	case cause.SSO:
		return SSORequired
	case cause.Restricted:
		return Restricted
	case cause.RateLimited, cause.FailedLogins, cause.Captcha:
		return RateLimited
	case cause.NoEmail:
		return Unchecked
	default:
		return Unreachable
	}
}

// laterKnown picks the expiry to go by: what the host tells now, else what was
// known before. That a sort of token never ends says less than the sign-in did.
func laterKnown(told, known providers.Expiry) providers.Expiry {
	never := told.Source == providers.ExpiryNone && known.Source != providers.ExpiryOAuth
	if told.Source == providers.ExpiryProvider || never || known.Source == "" || known.Source == providers.ExpiryUnknown {
		return told
	}
	return known
}
