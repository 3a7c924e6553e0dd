// Package vault is the Store for machines without a keychain: two age files.
//
// Rules of this package:
//
//   - vault.key.age holds an age identity, sealed by a passphrase or to the
//     identity of a machine; vault.age holds the items, encrypted to the first.
//     So the slow passphrase is paid for once, and a save takes milliseconds.
//   - A vault is sealed once. What it was not sealed with does not open it, and
//     the Condition names the seal. One that was made anew is another vault: who
//     has the former open opens it again before anything is read or written.
//   - A file is read as a whole and authenticated before a byte of it is
//     looked at: a stream of age gives out text before it knows that the end
//     was cut off.
//   - age alone can open it: age -d vault.key.age > key; age -d -i key vault.age
package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"filippo.io/age"

	"gitgrant/keyring"
	"gitgrant/keyring/durable"
	"gitgrant/keyring/secret"
)

const (
	keyFile  = "vault.key.age"
	dataFile = "vault.age"
	lockName = "vault"
)

// The two seals, as Condition names them.
const (
	ByPassphrase = "passphrase"
	ByIdentity   = "identity"
)

// Options say where a vault is and what opens it without a person.
type Options struct {
	Dir            string // the folder of the two files
	PassphraseFile string // its first line is the passphrase; may be empty
	IdentityFile   string // an age identity; may be empty; seals a new vault before the passphrase
}

// Store is a vault. It opens, and at the first Put creates, itself where a file
// says with what; else a person opens it by Open.
type Store struct {
	o     Options
	shelf *durable.Folder

	mu     sync.Mutex
	opened *key
}

// key is what the items are encrypted to, and the key file that it came from.
type key struct {
	identity *age.HybridIdentity
	file     string // keptName of the text of the file
}

// New returns the Store; it reads nothing yet.
func New(o Options) *Store { return &Store{o: o, shelf: durable.In(o.Dir)} }

// Kind implements keyring.Store.
func (s *Store) Kind() keyring.Kind { return keyring.Vault }

// Notices lists the files that were found too open and tightened.
func (s *Store) Notices() []durable.Notice { return s.shelf.Notices() }

// Probe implements keyring.Store. A vault that does not exist and can create
// itself at its first use is ready.
func (s *Store) Probe(ctx context.Context) keyring.Condition {
	k, err := s.key(ctx)
	if err == nil {
		_, err = s.read(k.identity)
	}
	var at keyring.Condition
	switch {
	case err == nil:
		return condition(keyring.Ready, "", nil)
	case !errors.As(err, &at):
		return condition(keyring.Denied, "", err)
	case at.State == keyring.Missing:
		return s.creatable()
	}
	return at
}

// creatable is the condition of a vault that is missing.
func (s *Store) creatable() keyring.Condition {
	switch _, err := s.newSeal(secret.Secret{}); {
	case errors.Is(err, errNothingToOpenWith):
		return condition(keyring.Missing, "", nil)
	case err != nil:
		return condition(keyring.Denied, "", err)
	}
	at := condition(keyring.Ready, "", nil)
	at.New = true
	return at
}

// Open implements keyring.Opener. It creates a vault that is missing.
func (s *Store) Open(ctx context.Context, passphrase secret.Secret) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = nil
	_, err := s.open(ctx, passphrase, true)
	return err
}

// Put implements keyring.Store.
func (s *Store) Put(ctx context.Context, item string, value secret.Secret) error {
	k, err := s.keyOrNew(ctx)
	if err != nil {
		return err
	}
	return s.change(ctx, k, func(items map[string]string) { items[item] = value.Reveal() }, func(items map[string]string) bool {
		kept, ok := items[item]
		return ok && secret.New(kept).Equal(value)
	})
}

// Get implements keyring.Store. In a vault that is missing there is nothing.
func (s *Store) Get(ctx context.Context, item string) (secret.Secret, error) {
	find, err := s.Snapshot(ctx)
	if err != nil {
		return secret.Secret{}, err
	}
	return find(item)
}

// Snapshot implements keyring.Snapshotter: to read one item is to read them all.
func (s *Store) Snapshot(ctx context.Context) (func(item string) (secret.Secret, error), error) {
	items, err := s.items(ctx)
	if err != nil {
		return nil, err
	}
	return func(item string) (secret.Secret, error) {
		if text, ok := items[item]; ok {
			return secret.New(text), nil
		}
		return secret.Secret{}, keyring.ErrNotFound
	}, nil
}

// Delete implements keyring.Store.
func (s *Store) Delete(ctx context.Context, item string) error {
	items, err := s.items(ctx)
	if err != nil {
		return err
	}
	if _, ok := items[item]; !ok {
		return nil
	}
	k, err := s.key(ctx)
	if err != nil {
		return err
	}
	return s.change(ctx, k, func(items map[string]string) { delete(items, item) }, func(items map[string]string) bool {
		_, ok := items[item]
		return !ok
	})
}

// Items implements keyring.Lister.
func (s *Store) Items(ctx context.Context) ([]string, error) {
	items, err := s.items(ctx)
	return slices.Sorted(maps.Keys(items)), err
}

// items reads the vault; one that is missing is empty.
func (s *Store) items(ctx context.Context) (map[string]string, error) {
	k, err := s.key(ctx)
	var at keyring.Condition
	if errors.As(err, &at) && at.State == keyring.Missing {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.read(k.identity)
}

// content is what vault.age holds.
type content struct {
	Version int               `json:"version"`
	Items   map[string]string `json:"items"`
}

// read returns the items; a vault without a data file is new.
func (s *Store) read(identity age.Identity) (map[string]string, error) {
	sealed, err := s.shelf.Read(dataFile)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, err
	}
	plain, err := decrypt(sealed, identity)
	if err != nil {
		return nil, condition(keyring.Damaged, "", err)
	}
	var c content
	if err := json.Unmarshal(plain, &c); err != nil || c.Version != 1 {
		return nil, condition(keyring.Damaged, "", fmt.Errorf("%s is of an unknown version", dataFile))
	}
	if c.Items == nil {
		c.Items = map[string]string{}
	}
	return c.Items, nil
}

// change rewrites the vault under its lock, and reads what it has written.
func (s *Store) change(ctx context.Context, k *key, edit func(map[string]string), done func(map[string]string) bool) error {
	release, err := s.shelf.Lock(ctx, lockName)
	if err != nil {
		return err
	}
	defer release()
	if err := s.stands(k); err != nil {
		return err // nobody could read what would be written now
	}
	items, err := s.read(k.identity)
	if err != nil {
		return err
	}
	edit(items)
	plain, err := json.Marshal(content{Version: 1, Items: items})
	if err != nil {
		return err
	}
	sealed, err := encrypt(plain, k.identity.Recipient())
	if err != nil {
		return err
	}
	if err := s.shelf.Write(dataFile, sealed); err != nil {
		return err
	}
	written, err := s.read(k.identity)
	if err != nil {
		return err
	}
	if !done(written) {
		return condition(keyring.Damaged, "", keyring.ErrCorrupt)
	}
	return nil
}

// stands returns a Condition where a vault was deleted since it was opened, or
// made anew.
func (s *Store) stands(k *key) error {
	sealed, err := s.shelf.Read(keyFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s.missing()
	case err == nil && keptName(sealed) != k.file:
		return condition(keyring.Locked, sealedBy(sealed), nil)
	}
	return err
}

func condition(state keyring.State, seal string, cause error) keyring.Condition {
	c := keyring.Condition{Store: keyring.Vault, State: state, Seal: seal}
	if cause != nil && !errors.Is(cause, errNothingToOpenWith) {
		c.Detail = cause.Error()
	}
	return c
}
