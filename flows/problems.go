package flows

import (
	"cmp"
	"errors"
	"fmt"

	"gitgrant/providers"
)

// Why an answer was not taken. The words for a person are made elsewhere.
var (
	ErrRuntimeName     = errors.New("a runtime name is up to 63 lower case letters, digits and hyphens, and begins with a letter")
	ErrTokenEmpty      = errors.New("the token is empty")
	ErrTokenCharacters = errors.New("the token holds characters that no token has")
	ErrTokenTooLong    = errors.New("the token is longer than any token")
	ErrClientID        = errors.New("that is not a client id")
	// ErrSecretless says that nothing could be asked about an application, since
	// its host wants the secret for that.
	ErrSecretless     = errors.New("the host tells nothing of an application without its secret")
	ErrClientSecret   = errors.New("that is not the secret of an application")
	ErrEmail          = errors.New("that is not an e-mail address")
	ErrUsername       = errors.New("that is not a user name for git")
	ErrEnd            = errors.New("that is neither a day nor a moment")
	ErrNotOffered     = errors.New("that is not one of the choices")
	ErrFault          = errors.New("a fault of the program")
	ErrUnknownRuntime = errors.New("there is no such runtime")
)

// UnknownProviderError names a provider that this program does not speak with.
type UnknownProviderError struct{ Kind string }

func (e *UnknownProviderError) Error() string { return fmt.Sprintf("unknown provider %q", e.Kind) }

// TakenError says that the runtime has such a grant already.
type TakenError struct {
	Runtime string
	Purpose providers.Purpose
	Account string
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("%s already has a %s token", e.Runtime, e.Purpose)
}

// OtherKindError says that a host is of another kind than it was to be.
type OtherKindError struct {
	Host       string
	Is, Wanted providers.Kind
}

func (e *OtherKindError) Error() string {
	return fmt.Sprintf("%s is %s, not %s", e.Host, e.Is, e.Wanted)
}

// OtherHostError says that a runtime is on another host than the one named.
type OtherHostError struct {
	Runtime, Has string
	Wanted       string         // empty where nothing but a kind was named
	Kind         providers.Kind // that kind, else empty
}

func (e *OtherHostError) Error() string {
	return fmt.Sprintf("%s is on %s, not on %s", e.Runtime, e.Has, cmp.Or(e.Wanted, "a host of kind "+string(e.Kind)))
}

// OtherAccountError says that a re-authorization came back as somebody else.
type OtherAccountError struct{ Runtime, Had, Got string }

func (e *OtherAccountError) Error() string {
	return fmt.Sprintf("the grant of %s belongs to %s, the new token to %s", e.Runtime, e.Had, e.Got)
}

// Closing is why a way to authorize is closed.
type Closing string

// The reasons.
const (
	NoSuchMethod Closing = "no-such-method" // this kind of host has no such way
	NotAllowed   Closing = "not-allowed"    // the profile of the host forbids it
	TooOld       Closing = "too-old"        // this version of the host has no such way yet
	EndsTooSoon  Closing = "short-lived"    // its tokens end within hours, and a cluster cannot renew them
)

// MethodError says that a way to authorize is not to be had on a host.
type MethodError struct {
	Method providers.Method
	Host   string
	Reason Closing
	File   string // the one that does not allow it
	// Version is that of a host that is too old, Since the first that is not.
	Version, Since string
}

func (e *MethodError) Error() string { return fmt.Sprintf("%s is not offered by %s", e.Method, e.Host) }
