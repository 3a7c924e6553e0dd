// Package system is the Store of the operating system: Keychain on macOS,
// Credential Manager on Windows, the Secret Service on Linux and the BSDs.
//
// Rules of this package:
//
//   - Nobody is prompted but by Open. Every call first finds out, without a
//     prompt and without starting anything, whether the keychain would answer;
//     on a machine without a session bus go-keyring is never called, since
//     asking it starts a bus that stays behind. On macOS with a screen the lock
//     is not looked at, since that may prompt too: there a call on a locked
//     keychain may have the system itself ask for the password.
//   - Calls are made one at a time. The deadline of a call starts with its turn.
//     One that passes it goes on in the background and keeps its turn; no other
//     begins before it is over, and until then none waits for it either.
//   - What was written is read back, and what was deleted is looked for: a
//     dismissed prompt looks like success to go-keyring.
package system

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"

	gokeyring "github.com/zalando/go-keyring"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
)

// service is the name under which all items rest.
const service = "gitgrant"

const (
	callDeadline = 5 * time.Second // no shorter than a cold start of the daemon
	openDeadline = 2 * time.Minute // for a person to type a password
)

// Keychain is what go-keyring offers. ErrNotFound is go-keyring's own.
type Keychain interface {
	Set(service, user, password string) error
	Get(service, user string) (string, error)
	Delete(service, user string) error
}

// Options replace the parts of the operating system in tests.
type Options struct {
	Keychain Keychain                                    // nil is go-keyring
	Probe    func(ctx context.Context) keyring.Condition // nil is the one of this system
	Start    func(ctx context.Context) error             // nil starts the activatable service
	Unlock   func(ctx context.Context) error             // nil is the prompt of the desktop
	List     func(ctx context.Context) ([]string, error) // nil is the search of this system
	Deadline time.Duration                               // of a call; zero is five seconds
}

// Store is the system's keychain. A process makes one, so that all its calls
// queue up in one place.
type Store struct {
	o     Options
	queue *queue
}

// New returns the Store; it does nothing yet.
func New(o Options) *Store {
	if o.Keychain == nil {
		o.Keychain = libraryKeychain{}
	}
	if o.Probe == nil {
		o.Probe = probe
	}
	if o.Start == nil {
		o.Start = start
	}
	if o.Unlock == nil {
		o.Unlock = unlock
	}
	if o.List == nil {
		o.List = list
	}
	if o.Deadline == 0 {
		o.Deadline = callDeadline
	}
	return &Store{o: o, queue: newQueue()}
}

// Kind implements keyring.Store.
func (s *Store) Kind() keyring.Kind { return keyring.System }

// Probe implements keyring.Store. It does not wait for a call under way.
func (s *Store) Probe(ctx context.Context) keyring.Condition {
	ctx, cancel := context.WithTimeout(ctx, s.o.Deadline)
	defer cancel()
	return s.o.Probe(ctx)
}

// Put implements keyring.Store.
func (s *Store) Put(ctx context.Context, item string, value secret.Secret) error {
	_, err := s.call(ctx, func() (secret.Secret, error) {
		if err := s.o.Keychain.Set(service, item, value.Reveal()); err != nil {
			return secret.Secret{}, err
		}
		kept, err := s.o.Keychain.Get(service, item)
		if errors.Is(err, gokeyring.ErrNotFound) || err == nil && !secret.New(kept).Equal(value) {
			return secret.Secret{}, condition(keyring.Denied, "what was written is not there")
		}
		return secret.Secret{}, err
	})
	return err
}

// Get implements keyring.Store.
func (s *Store) Get(ctx context.Context, item string) (secret.Secret, error) {
	return s.call(ctx, func() (secret.Secret, error) {
		text, err := s.o.Keychain.Get(service, item)
		return secret.New(text), err
	})
}

// Delete implements keyring.Store.
func (s *Store) Delete(ctx context.Context, item string) error {
	_, err := s.call(ctx, func() (secret.Secret, error) {
		err := s.o.Keychain.Delete(service, item)
		if err != nil && !errors.Is(err, gokeyring.ErrNotFound) {
			return secret.Secret{}, err
		}
		switch _, err := s.o.Keychain.Get(service, item); {
		case errors.Is(err, gokeyring.ErrNotFound):
			return secret.Secret{}, nil
		case err != nil:
			return secret.Secret{}, err
		}
		return secret.Secret{}, condition(keyring.Denied, "what was deleted is still there")
	})
	return err
}

// Items implements keyring.Lister where the system can search.
func (s *Store) Items(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.o.Deadline)
	defer cancel()
	return s.o.List(ctx)
}

// Open implements keyring.Opener: it starts the service where that is missing,
// and lets the desktop ask for the password where the keychain is locked.
func (s *Store) Open(ctx context.Context, _ secret.Secret) error {
	if err := s.queue.begin(ctx, openDeadline); err != nil {
		return err
	}
	defer s.queue.end()
	ctx, cancel := context.WithTimeout(ctx, openDeadline)
	defer cancel()
	at := s.started(ctx)
	if at.State == keyring.Locked || at.State == keyring.NoCollection {
		if err := s.o.Unlock(ctx); err != nil {
			return err
		}
		at = s.Probe(ctx)
	}
	if !at.Usable() {
		return at
	}
	return nil
}

// Wait implements keyring.Waiter.
func (s *Store) Wait(ctx context.Context) error { return s.queue.wait(ctx) }

type answer struct {
	value secret.Secret
	err   error
}

// call makes a call when it is its turn and the keychain would answer. A call
// whose turn does not come has not happened, and says so by a Condition.
func (s *Store) call(ctx context.Context, do func() (secret.Secret, error)) (secret.Secret, error) {
	if err := s.queue.begin(ctx, s.o.Deadline); err != nil {
		return secret.Secret{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.Deadline)
	defer cancel()
	if at := s.started(ctx); !at.Usable() {
		s.queue.end()
		return secret.Secret{}, at
	}
	answers := make(chan answer, 1)
	go func() {
		end := sync.OnceFunc(s.queue.end)
		defer end() // where the call does not come back
		value, err := do()
		end() // before anybody hears of it, who may make the next call at once
		answers <- answer{value, err}
	}()
	select {
	case a := <-answers:
		return a.value, s.explain(ctx, a.err)
	case <-ctx.Done():
		return secret.Secret{}, unknown(ctx)
	}
}

// started probes, and starts the service where it only waits to be asked.
func (s *Store) started(ctx context.Context) keyring.Condition {
	at := s.Probe(ctx)
	if at.State != keyring.Activatable {
		return at
	}
	if err := s.o.Start(ctx); err != nil {
		at.Detail = clean(err.Error())
		if ctx.Err() != nil {
			at.State = keyring.Unresponsive
		}
		return at
	}
	return s.Probe(ctx)
}

// explain turns go-keyring's errors, most of which are bare texts, into the
// state that the keychain is in after them.
func (s *Store) explain(ctx context.Context, err error) error {
	var at keyring.Condition
	switch {
	case err == nil, errors.As(err, &at):
		return err
	case errors.Is(err, gokeyring.ErrNotFound):
		return keyring.ErrNotFound
	}
	at = s.Probe(ctx)
	if at.Usable() {
		at.State = keyring.Denied
	}
	at.Detail = clean(err.Error())
	return at
}

func unknown(ctx context.Context) error {
	return fmt.Errorf("%w: %w", keyring.ErrUnknownOutcome, ctx.Err())
}

func condition(state keyring.State, detail string) keyring.Condition {
	return keyring.Condition{Store: keyring.System, State: state, Detail: detail}
}

// clean keeps a message of the system to one printable line.
func clean(message string) string {
	message = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(message, ""))
	return strings.Join(strings.Fields(message), " ")
}

// libraryKeychain is go-keyring, which knows one keychain: that of the system.
type libraryKeychain struct{}

func (libraryKeychain) Set(service, user, password string) error {
	return gokeyring.Set(service, user, password)
}

func (libraryKeychain) Get(service, user string) (string, error) {
	return gokeyring.Get(service, user)
}

func (libraryKeychain) Delete(service, user string) error { return gokeyring.Delete(service, user) }
