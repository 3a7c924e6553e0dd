package vault

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"filippo.io/age"

	"gitgrant/keyring"
)

// ErrNotKept says that this system will not keep a vault open for later
// commands: it is not Linux, or a container that refuses. Nothing was changed.
var ErrNotKept = errors.New("the vault cannot be kept open here")

// Keeps reports whether KeepOpen can do anything here, before anybody types a
// passphrase for it: nil, or ErrNotKept.
func Keeps() error {
	if err := keeps(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotKept, err)
	}
	return nil
}

// KeepOpen lets later commands of the same user open the vault without its
// passphrase, until the period is over or Close is called. The identity is in
// the memory of the kernel meanwhile, and on no disk.
func (s *Store) KeepOpen(period time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	sealed, err := s.shelf.Read(keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return s.missing()
	}
	if err != nil {
		return err
	}
	if s.opened == nil || s.opened.file != keptName(sealed) {
		return condition(keyring.Locked, sealedBy(sealed), nil)
	}
	if err := keep(keptName(sealed), s.opened.identity.String(), period); err != nil {
		return fmt.Errorf("%w: %w", ErrNotKept, err)
	}
	return nil
}

// Close ends what KeepOpen began, for all processes of the user. One that has
// the vault open already keeps it for as long as it runs.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = nil
	sealed, err := s.shelf.Read(keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := drop(keptName(sealed)); err != nil {
		return fmt.Errorf("%w: %w", ErrNotKept, err)
	}
	return nil
}

// keptName is another one for each vault, and for each sealing of it: of the
// text of its key file.
func keptName(sealed []byte) string {
	sum := sha256.Sum256(sealed)
	return "gitgrant:vault:" + hex.EncodeToString(sum[:16])
}

// keptFor returns the identity that is kept for a vault, or nil.
func keptFor(sealed []byte) *age.HybridIdentity {
	text, err := kept(keptName(sealed))
	if err != nil {
		return nil
	}
	identity, err := age.ParseHybridIdentity(text)
	if err != nil {
		return nil
	}
	return identity
}
