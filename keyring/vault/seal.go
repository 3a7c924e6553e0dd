package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"filippo.io/age"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
)

const (
	workFactor    = 18 // of a new seal: about a second
	maxWorkFactor = 20 // of a seal that is opened: a planted file costs seconds, not hours
)

// seal is what a key file is closed with: one of the two.
type seal struct {
	passphrase secret.Secret
	identities []age.Identity
}

// key opens the vault, once, with what opens it without a person.
func (s *Store) key(ctx context.Context) (*key, error) {
	return s.openItself(ctx, false)
}

// keyOrNew creates the vault as well, if it can do so by itself.
func (s *Store) keyOrNew(ctx context.Context) (*key, error) {
	return s.openItself(ctx, s.o.IdentityFile != "" || s.o.PassphraseFile != "")
}

func (s *Store) openItself(ctx context.Context, create bool) (*key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened != nil {
		var at keyring.Condition
		err := s.stands(s.opened)
		if err == nil || errors.As(err, &at) && at.State != keyring.Locked {
			return s.opened, nil // also of one that was deleted: what is left can be read
		}
		if !errors.As(err, &at) {
			return nil, err
		}
		s.opened = nil
	}
	return s.open(ctx, secret.Secret{}, create)
}

// open opens the vault, or creates it. The caller holds the mutex.
func (s *Store) open(ctx context.Context, typed secret.Secret, create bool) (*key, error) {
	sealed, err := s.shelf.Read(keyFile)
	switch {
	case errors.Is(err, fs.ErrNotExist) && create:
		return s.create(ctx, typed)
	case errors.Is(err, fs.ErrNotExist):
		return nil, s.missing()
	case err != nil:
		return nil, err
	}
	if typed.Empty() {
		if identity := keptFor(sealed); identity != nil {
			s.opened = &key{identity, keptName(sealed)}
			return s.opened, nil
		}
	}
	kind := sealedBy(sealed)
	if kind == "" {
		return nil, condition(keyring.Damaged, "", fmt.Errorf("%s is not an age file", keyFile))
	}
	with, err := s.opener(kind, typed)
	if err != nil {
		return nil, condition(keyring.Locked, kind, err)
	}
	identity, err := unsealKey(sealed, kind, with)
	if err != nil {
		return nil, err
	}
	s.opened = &key{identity, keptName(sealed)}
	return s.opened, nil
}

var errNothingToOpenWith = errors.New("nothing was given that opens it")

// opener is what was given that goes with the seal of a vault.
func (s *Store) opener(kind string, typed secret.Secret) (seal, error) {
	switch {
	case kind == ByIdentity && s.o.IdentityFile != "":
		return readIdentities(s.o.IdentityFile)
	case kind == ByPassphrase && !typed.Empty():
		return seal{passphrase: typed}, nil
	case kind == ByPassphrase && s.o.PassphraseFile != "":
		return readPassphrase(s.o.PassphraseFile)
	}
	return seal{}, errNothingToOpenWith
}

// newSeal is what a new vault is closed with: the identity before a passphrase,
// and a typed one before that of the file.
func (s *Store) newSeal(typed secret.Secret) (seal, error) {
	switch {
	case s.o.IdentityFile != "":
		return readIdentities(s.o.IdentityFile)
	case !typed.Empty():
		return seal{passphrase: typed}, nil
	case s.o.PassphraseFile != "":
		return readPassphrase(s.o.PassphraseFile)
	}
	return seal{}, errNothingToOpenWith
}

// missing tells a vault that was never made from one that lost its key.
func (s *Store) missing() keyring.Condition {
	if _, err := s.shelf.Read(dataFile); err == nil {
		return condition(keyring.Damaged, "", fmt.Errorf("%s is gone", keyFile))
	}
	return condition(keyring.Missing, "", nil)
}

// create makes a vault. Where another process was faster, its vault is opened.
func (s *Store) create(ctx context.Context, typed secret.Secret) (*key, error) {
	if at := s.missing(); at.State != keyring.Missing {
		return nil, at
	}
	release, err := s.shelf.Lock(ctx, lockName)
	if err != nil {
		return nil, err
	}
	defer release()
	if _, err := s.shelf.Read(keyFile); !errors.Is(err, fs.ErrNotExist) {
		return s.open(ctx, typed, false)
	}
	with, err := s.newSeal(typed)
	if errors.Is(err, errNothingToOpenWith) {
		return nil, s.missing()
	}
	if err != nil {
		return nil, condition(keyring.Denied, "", err)
	}
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, err
	}
	sealed, err := sealKey(identity, with)
	if err != nil {
		return nil, err
	}
	if err := s.shelf.Write(keyFile, sealed); err != nil {
		return nil, err
	}
	s.opened = &key{identity, keptName(sealed)}
	return s.opened, nil
}

// sealedBy reads the kind of seal from the first stanza of the header, which
// stands in the clear.
func sealedBy(sealed []byte) string {
	stanza, ok := bytes.CutPrefix(sealed, []byte("age-encryption.org/v1\n-> "))
	switch {
	case !ok:
		return ""
	case bytes.HasPrefix(stanza, []byte("scrypt ")):
		return ByPassphrase
	}
	return ByIdentity
}

func sealKey(identity *age.HybridIdentity, with seal) ([]byte, error) {
	plain := []byte("# gitgrant vault\n" + identity.String() + "\n")
	if with.identities == nil {
		recipient, err := age.NewScryptRecipient(with.passphrase.Reveal())
		if err != nil {
			return nil, err
		}
		recipient.SetWorkFactor(workFactor)
		return encrypt(plain, recipient)
	}
	var recipients []age.Recipient
	for _, identity := range with.identities {
		switch identity := identity.(type) {
		case *age.HybridIdentity:
			recipients = append(recipients, identity.Recipient())
		case *age.X25519Identity:
			recipients = append(recipients, identity.Recipient())
		}
	}
	return encrypt(plain, recipients...)
}

func unsealKey(sealed []byte, kind string, with seal) (*age.HybridIdentity, error) {
	identities := with.identities
	if kind == ByPassphrase {
		identity, err := age.NewScryptIdentity(with.passphrase.Reveal())
		if err != nil {
			return nil, err
		}
		identity.SetMaxWorkFactor(maxWorkFactor)
		identities = []age.Identity{identity}
	}
	plain, err := decrypt(sealed, identities...)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		at := condition(keyring.Locked, kind, nil)
		at.Wrong = true
		return nil, at
	}
	if err != nil {
		return nil, condition(keyring.Damaged, kind, err)
	}
	for line := range strings.Lines(string(plain)) {
		if identity, err := age.ParseHybridIdentity(strings.TrimSpace(line)); err == nil {
			return identity, nil
		}
	}
	return nil, condition(keyring.Damaged, kind, fmt.Errorf("%s holds no identity", keyFile))
}

func encrypt(plain []byte, recipients ...age.Recipient) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, recipients...)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

// decrypt returns everything or nothing.
func decrypt(sealed []byte, identities ...age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), identities...)
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return plain, nil
}
