// Package keyring is where credentials rest.
//
// Rules of this package:
//
//   - It knows no provider and no screen. What a grant is for, at which host
//     and in which state is text to it, kept for the floors above.
//   - A credential is in the Store (system keychain, encrypted vault, memory)
//     and nowhere else; the index beside it holds facts only: no token, no
//     part of one, no hash of one.
//   - A Store keeps small printable texts under item names. The Ring adds what
//     a keychain lacks: listing, size limits, crash safety, deadlines, and a
//     lock that other processes respect.
//   - A call that does not answer has an unknown outcome, never an assumed
//     one, and no store ever stands in for another by itself.
package keyring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gitgrant/keyring/durable"
	"gitgrant/keyring/secret"
)

// Kind names a store, as --store does.
type Kind string

// The three kinds of store.
const (
	System Kind = "system"
	Vault  Kind = "vault"
	Memory Kind = "memory"
)

// State is what a probe found out about a store, without prompting anybody.
type State string

// The states of a store. Missing is a vault that does not exist yet and can be
// created; Damaged is one that cannot be read whatever the passphrase.
const (
	Ready        State = "ready"
	Locked       State = "locked"
	NoCollection State = "no-collection"
	Activatable  State = "activatable"
	NoService    State = "no-service"
	NoBus        State = "no-bus"
	Denied       State = "denied"
	Unsupported  State = "unsupported"
	Unresponsive State = "unresponsive"
	Missing      State = "missing"
	Damaged      State = "damaged"
)

// Condition is a store and its state. As an error it says that the store
// cannot be used as it is; the words for a person are chosen from its fields.
type Condition struct {
	Store  Kind
	State  State
	Seal   string // what opens a locked vault: "passphrase" or "identity"
	Wrong  bool   // what was offered to open it is not what it was sealed with
	New    bool   // nothing is there yet, and the first token makes it
	Detail string // the system's own words, cleaned; may be empty
}

// Usable reports whether credentials can be read and written now.
func (c Condition) Usable() bool { return c.State == Ready }

func (c Condition) Error() string {
	return fmt.Sprintf("the %s store is %s", c.Store, c.State)
}

// ErrNotFound says that a store in state Ready has no such item.
var ErrNotFound = errors.New("not in the store")

// ErrUnknownOutcome says that a call passed its deadline: what it was to write
// or delete may or may not have happened, or may still happen.
var ErrUnknownOutcome = errors.New("the store has not answered")

// ErrCorrupt says that a store answered with something else than was saved.
// Nothing of it is ever handed out.
var ErrCorrupt = errors.New("what the store holds is not what was saved")

// ErrDamaged says that neither the index nor its backup can be read.
var ErrDamaged = errors.New("the index is damaged, and so is its backup")

// ErrNewer says that the index was written by a newer major version; it is read
// where it can be, and never changed.
var ErrNewer = errors.New("the index was written by a newer version")

// ErrBusy says that another process held a grant or the index for too long.
var ErrBusy = durable.ErrBusy

// Store keeps printable texts of at most 1,800 bytes under item names of
// [A-Za-z0-9/._-]. Calls honour the context; one that ends with its deadline
// returns ErrUnknownOutcome. A store that cannot be used returns a Condition.
type Store interface {
	Kind() Kind
	// Probe finds the state without prompting and without side effects.
	Probe(ctx context.Context) Condition
	// Put writes an item and has read it back when it returns nil.
	Put(ctx context.Context, item string, value secret.Secret) error
	// Get returns ErrNotFound where the item is known not to exist.
	Get(ctx context.Context, item string) (secret.Secret, error)
	// Delete has seen ErrNotFound when it returns nil; no item is no error.
	Delete(ctx context.Context, item string) error
}

// Opener is a Store that a person can open: a locked vault by its passphrase,
// a locked keychain by the desktop's own prompt (the passphrase is then empty).
// Opening a Missing vault creates it, sealed by the passphrase.
type Opener interface {
	Open(ctx context.Context, passphrase secret.Secret) error
}

// Waiter is a Store whose calls can outlive their deadline. Wait returns nil
// once none is under way, and ErrUnknownOutcome when the context ends first.
type Waiter interface {
	Wait(ctx context.Context) error
}

// Lister is a Store that can name its items.
type Lister interface {
	Items(ctx context.Context) ([]string, error)
}

// Key identifies a grant: a runtime, what the token is for, and whose it is.
type Key struct {
	Runtime string `json:"runtime"`
	Purpose string `json:"purpose"`
	Account string `json:"account"`
}

// Grant is what the index knows of a stored authorization: facts, no secret.
type Grant struct {
	Key
	Provider string `json:"provider"`
	Host     string `json:"host"` // as --host takes it, with scheme
	Method   string `json:"method"`
	Kind     string `json:"kind"`

	Email    string `json:"email,omitempty"`    // user name for REST where the host wants one
	Username string `json:"username,omitempty"` // user name for git where the host wants one

	// Repositories are those that it was proven against, as its host names them.
	Repositories []string `json:"repositories,omitempty"`

	ExpiresAt    time.Time `json:"expires_at,omitzero"`
	ExpirySource string    `json:"expiry_source,omitempty"`
	ClientID     string    `json:"client_id,omitempty"` // OAuth application that issued it

	// Renewable says that a refresh token rests beside the access token.
	Renewable bool `json:"-"`

	Store     Kind      `json:"store"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	SavedAt   time.Time `json:"saved_at,omitzero"`

	// Verdict is the last verdict, kept for the floor above as it was given.
	Verdict json.RawMessage `json:"verdict,omitempty"`
	// Intent is what was begun at the host and not yet seen to its end.
	Intent *Intent `json:"intent,omitempty"`
	// Heirs are owed the token of this grant: it took the place of one that they
	// held too, and they have not been given it yet.
	Heirs []Heir `json:"heirs,omitempty"`
	// History is how the status changed, the last change last.
	History []Change `json:"history,omitempty"`
	// Muted says that nobody wants to be notified about this runtime.
	Muted bool `json:"muted,omitempty"`
	// Told is what was last notified about it, so that it is said once.
	Told *Told `json:"told,omitempty"`
}

// Told is what was said about a token by itself: in which status it was, and how
// many days before its end.
type Told struct {
	Status string    `json:"status"`
	Ends   time.Time `json:"ends,omitzero"`
	Days   int       `json:"days,omitempty"`
}

// Change is a status and since when a grant has had it. Why is the kind of
// reason, where there was one.
type Change struct {
	At     time.Time `json:"at"`
	Status string    `json:"status"`
	Why    string    `json:"why,omitempty"`
}

// Intent is something irreversible that was begun at a host: it is written
// before the host is asked, so that an interruption can be told.
type Intent struct {
	What  string    `json:"what"`
	Since time.Time `json:"since"`
}

// Heir is a grant that is owed the token of another, for as long as it holds
// what was saved then.
type Heir struct {
	Key
	SavedAt time.Time `json:"saved_at,omitzero"`
}

// Credential is the secret of a grant: an access token and, for some OAuth
// hosts, a refresh token. Each is an item of its own in the store.
type Credential struct {
	Access  secret.Secret
	Refresh secret.Secret
}
