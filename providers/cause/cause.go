// Package cause names why a Git host, or the way to it, did not do what was
// asked.
//
// Rules of this package:
//
//   - A Cause is data. It is stored with a verdict and travels to whoever
//     writes the sentence; nothing here is meant to be read by a person.
//   - Texts in it come from a host only after cleaning, and never hold a
//     credential.
package cause

import (
	"errors"
	"fmt"
	"time"
)

// Kind is one cause.
type Kind string

// Causes that are the token's own: the host was asked and refuses it.
const (
	Rejected    Kind = "rejected"     // refused, and the host does not say why
	Expired     Kind = "expired"      // refused after its known end
	Revoked     Kind = "revoked"      // refused before its known end
	Stated      Kind = "stated-end"   // works, but its owner stated an end that has passed
	Ended       Kind = "ended"        // gitgrant had the host end it, for this runtime or for one that shared it
	Rotated     Kind = "rotated"      // a rotation that was interrupted ended it, and its successor is lost
	Lapsed      Kind = "lapsed"       // an OAuth token that has ended, and whose refresh token is refused
	Withdrawn   Kind = "withdrawn"    // the same before its known end
	AppPassword Kind = "app-password" // a sort of token that the host has done away with; it was not sent
	ToldByGit   Kind = "told-by-git"  // git was refused with it; a check may know more
	SSO         Kind = "sso"          // single sign-on has not been authorized for it
	Restricted  Kind = "restricted"   // a policy of the organization or instance forbids it
)

// Causes that say nothing about the token: it could not be asked.
const (
	NoEmail       Kind = "no-email" // the host takes it only beside an e-mail address, which nobody has told
	RateLimited   Kind = "rate-limited"
	FailedLogins  Kind = "failed-logins"   // the host closes an account for a while after bad tokens
	Captcha       Kind = "captcha"         // the host looks at no token of the account before a person has solved one
	NoSuchName    Kind = "no-such-name"    // DNS does not know it
	NoNameService Kind = "no-name-service" // DNS could not be asked
	NoConnection  Kind = "no-connection"   // nothing answers at that address
	NoAnswer      Kind = "no-answer"       // it answers too slowly
	Broken        Kind = "broken"          // the connection ended in the middle
	ProxyRefused  Kind = "proxy-refused"   // Detail is the proxy, Status its answer where it gave one
	UnknownIssuer Kind = "tls-unknown-authority"
	WrongName     Kind = "tls-wrong-name"
	CertExpired   Kind = "tls-expired"
	CertTooEarly  Kind = "tls-not-yet-valid"
	NoClientCert  Kind = "tls-client-certificate" // the host wants one, or does not accept the one that it got
	TLS           Kind = "tls"
	Redirected    Kind = "redirected"
	NotUnderstood Kind = "not-understood" // HTML, broken JSON, nothing
	TooLarge      Kind = "too-large"
	ServerError   Kind = "server-error"
	Gone          Kind = "gone"       // the host has done away with this part of its API
	WrongHost     Kind = "wrong-host" // something else than this provider lives there
	Profile       Kind = "profile"    // the profile of the host cannot be used: CA file, proxy
)

// Causes that leave a token as it is: the host was asked to change it, and said
// no. They say nothing against the token otherwise.
const (
	MayNotRotate Kind = "may-not-rotate" // the token was made without the right to replace itself
	MayNotRevoke Kind = "may-not-revoke" // the same for ending itself
	NotReplaced  Kind = "not-replaced"   // the host does not take what was asked for, such as an end too far off
	SecretToEnd  Kind = "secret-to-end"  // the host ends a token of its application with the right secret of that alone
)

// Causes that end a sign-in.
const (
	Denied             Kind = "denied"
	CodeExpired        Kind = "code-expired"
	DeviceDisabled     Kind = "device-flow-disabled"
	UnknownApplication Kind = "unknown-application"
	GitHubApp          Kind = "github-app" // an application that knows no scopes
	SignInRefused      Kind = "sign-in-refused"
	ScopeRefused       Kind = "scope-refused"    // the application may not ask for all that was asked for
	NoReturn           Kind = "no-return"        // the browser did not come back in time
	NoListener         Kind = "no-listener"      // nobody can listen where it is to come back
	CodeRefused        Kind = "code-refused"     // what it came back with is not taken
	RedirectRefused    Kind = "redirect-refused" // the application is registered with another address
	SecretWanted       Kind = "secret-wanted"    // the secret of the application is missing
	SecretRefused      Kind = "secret-refused"   // it is not the right one
)

// Cause is one refusal or failure, with the facts that its sentence needs.
// It is an error.
type Cause struct {
	Kind   Kind      `json:"kind"`
	Host   string    `json:"host,omitempty"`   // who was asked
	Status int       `json:"status,omitempty"` // HTTP status, where there was one
	User   string    `json:"user,omitempty"`   // user name that the token was sent beside: it may be what is wrong
	Org    string    `json:"org,omitempty"`    // organization whose policy it is
	URL    string    `json:"url,omitempty"`    // page on the host's own site that mends it
	Right  string    `json:"right,omitempty"`  // rights of which any would do, as the host names them, with blanks between
	Until  time.Time `json:"until,omitzero"`   // when it may be asked again, or the end that has passed
	Detail string    `json:"detail,omitempty"` // the other side's own words, cleaned and short
}

// Error is for logs and tests; the words for a person are made elsewhere.
func (c Cause) Error() string {
	if c.Detail == "" {
		return fmt.Sprintf("%s: %s", c.Host, c.Kind)
	}
	return fmt.Sprintf("%s: %s (%s)", c.Host, c.Kind, c.Detail)
}

// Of finds the Cause in an error. An error without one is a failure nobody
// foresaw: it is treated as not understood, never as a bad token.
func Of(err error) Cause {
	var c Cause
	if errors.As(err, &c) {
		return c
	}
	return Cause{Kind: NotUnderstood}
}

// Is reports whether err is a Cause of this kind.
func Is(err error, kind Kind) bool {
	var c Cause
	return errors.As(err, &c) && c.Kind == kind
}

// Dead reports whether the host was asked and does not accept the token.
func (c Cause) Dead() bool {
	switch c.Kind {
	case Rejected, Expired, Revoked, Stated, Ended, Rotated, Lapsed, Withdrawn, AppPassword, ToldByGit, SSO, Restricted:
		return true
	default:
		return false
	}
}

// Unmoved reports whether a host that was to change a token said no, or was never
// spoken to, so that nothing has changed there.
func (c Cause) Unmoved() bool {
	switch c.Kind {
	case MayNotRotate, MayNotRevoke, NotReplaced, SecretToEnd, RateLimited:
		return true
	case NoSuchName, NoNameService, NoConnection, ProxyRefused, UnknownIssuer, WrongName, CertExpired, CertTooEarly, Profile:
		return true
	default:
		return c.Dead()
	}
}

// Unreached reports whether it is the way to the host that failed, or a host
// that had no answer for anybody: nothing was refused, and another try may go
// well.
func (c Cause) Unreached() bool {
	switch c.Kind {
	case RateLimited, FailedLogins, Captcha, NoSuchName, NoNameService, NoConnection, NoAnswer, Broken, ProxyRefused,
		UnknownIssuer, WrongName, CertExpired, CertTooEarly, NoClientCert, TLS, Redirected, ServerError, Profile:
		return true
	default:
		return false
	}
}
