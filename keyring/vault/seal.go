package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"filippo.io/age"

	"gitgrant/keyring"
	"gitgrant/keyring/durable"
	"gitgrant/keyring/secret"
)

const (
	workFactor    = 18 // of a new seal: about a second
	maxWorkFactor = 20 // of a seal that is opened: a planted file costs seconds, not hours
	fileLimit     = 64 << 10
)

// seal is what the key file is, or will be, closed with. Exactly one is set.
type seal struct {
	passphrase secret.Secret
	identities []age.Identity
}

func phrase(passphrase secret.Secret) func() (seal, error) {
	return func() (seal, error) { return seal{passphrase: passphrase}, nil }
}

func (s *Store) opensItself() bool { return s.o.IdentityFile != "" || s.o.PassphraseFile != "" }

// seal reads what a new vault is sealed with: the identity before the passphrase.
func (s *Store) seal() (seal, error) {
	if s.o.IdentityFile != "" {
		return s.sealOf(ByIdentity)
	}
	return s.sealOf(ByPassphrase)
}

// sealOf reads the file that goes with a kind of seal.
func (s *Store) sealOf(kind string) (seal, error) {
	if kind == ByIdentity {
		data, err := readPrivate(s.o.IdentityFile)
		if err != nil {
			return seal{}, err
		}
		identities, err := age.ParseIdentities(bytes.NewReader(data))
		if err != nil { // its text may quote the file
			return seal{}, fmt.Errorf("%s holds no age identity", s.o.IdentityFile)
		}
		return seal{identities: identities}, nil
	}
	data, err := readPrivate(s.o.PassphraseFile)
	if err != nil {
		return seal{}, err
	}
	line, _, _ := strings.Cut(string(data), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return seal{}, fmt.Errorf("%s is empty", s.o.PassphraseFile)
	}
	return seal{passphrase: secret.New(line)}, nil
}

// identity opens the vault with the files that were given, once.
func (s *Store) identity(ctx context.Context) (*age.HybridIdentity, error) {
	return s.identityBy(ctx, false)
}

// identityOrNew creates the vault as well, if it can do so by itself.
func (s *Store) identityOrNew(ctx context.Context) (*age.HybridIdentity, error) {
	return s.identityBy(ctx, s.opensItself())
}

func (s *Store) identityBy(ctx context.Context, create bool) (*age.HybridIdentity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened != nil {
		return s.opened, nil
	}
	return s.open(ctx, nil, create)
}

// open opens or creates the vault. Without a given seal it takes the file that
// goes with the seal of the vault. The caller holds the mutex.
func (s *Store) open(ctx context.Context, given func() (seal, error), create bool) (*age.HybridIdentity, error) {
	sealed, err := s.shelf.Read(keyFile)
	switch {
	case errors.Is(err, fs.ErrNotExist) && create:
		return s.create(ctx, given)
	case errors.Is(err, fs.ErrNotExist):
		return nil, s.missing()
	case err != nil:
		return nil, err
	}
	kind := sealedBy(sealed)
	switch {
	case kind == "":
		return nil, condition(keyring.Damaged, "", fmt.Errorf("%s is not an age file", keyFile))
	case kind == ByIdentity && s.o.IdentityFile != "":
		given = func() (seal, error) { return s.sealOf(ByIdentity) }
	case kind == ByPassphrase && given != nil:
	case kind == ByPassphrase && s.o.PassphraseFile != "":
		given = func() (seal, error) { return s.sealOf(ByPassphrase) }
	default:
		return nil, condition(keyring.Locked, kind, nil)
	}
	with, err := given()
	if err != nil {
		return nil, keyring.Condition{Store: keyring.Vault, State: keyring.Locked, Seal: kind, Detail: err.Error()}
	}
	s.opened, err = unsealKey(sealed, kind, with)
	return s.opened, err
}

// missing tells a vault that was never made from one that lost its key.
func (s *Store) missing() error {
	if _, err := s.shelf.Read(dataFile); err == nil {
		return condition(keyring.Damaged, "", fmt.Errorf("%s is gone", keyFile))
	}
	return condition(keyring.Missing, "", nil)
}

// create makes a vault. Where another process was faster, its vault is opened.
func (s *Store) create(ctx context.Context, given func() (seal, error)) (*age.HybridIdentity, error) {
	var at keyring.Condition
	if err := s.missing(); !errors.As(err, &at) || at.State != keyring.Missing {
		return nil, err
	}
	release, err := s.shelf.Lock(ctx, lockName)
	if err != nil {
		return nil, err
	}
	defer release()
	if _, err := s.shelf.Read(keyFile); !errors.Is(err, fs.ErrNotExist) {
		return s.open(ctx, given, false)
	}
	if given == nil || s.o.IdentityFile != "" {
		given = s.seal
	}
	with, err := given()
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
	s.opened = identity
	return identity, nil
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
		if with.passphrase.Empty() {
			return nil, condition(keyring.Missing, ByPassphrase, errors.New("the passphrase is empty"))
		}
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
		if with.passphrase.Empty() {
			return nil, condition(keyring.Locked, kind, nil)
		}
		identity, err := age.NewScryptIdentity(with.passphrase.Reveal())
		if err != nil {
			return nil, err
		}
		identity.SetMaxWorkFactor(maxWorkFactor)
		identities = []age.Identity{identity}
	}
	plain, err := decrypt(sealed, identities...)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return nil, keyring.Condition{Store: keyring.Vault, State: keyring.Locked, Seal: kind, Wrong: true}
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

// Exposed is the error for a passphrase or identity file that others can read.
type Exposed struct {
	Path string
	Mode fs.FileMode
}

func (e *Exposed) Error() string {
	return fmt.Sprintf("%s can be read by others (%04o): chmod 600 it", e.Path, e.Mode)
}

// readPrivate reads a file that only its owner may read. It may be a link or a
// pipe: it is the person's own, not one of ours.
func readPrivate(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return nil, &Exposed{path, mode}
	}
	data, err := io.ReadAll(io.LimitReader(file, fileLimit+1))
	if err == nil && len(data) > fileLimit {
		err = &durable.Unsafe{Path: path, Fault: durable.TooLarge}
	}
	return data, err
}
