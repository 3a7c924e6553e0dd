package vault_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/keyring/vault"
)

func file(t testing.TB, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func rewrite(t *testing.T, path string, edit func([]byte) []byte) {
	t.Helper()
	if err := os.WriteFile(path, edit(read(t, path)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func identities(t *testing.T, text []byte) []age.Identity {
	t.Helper()
	identities, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return identities
}

func decrypt(t *testing.T, path string, identities []age.Identity) []byte {
	t.Helper()
	r, err := age.Decrypt(bytes.NewReader(read(t, path)), identities...)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func open(t *testing.T, store *vault.Store, passphrase string) {
	t.Helper()
	if err := store.Open(t.Context(), secret.New(passphrase)); err != nil {
		t.Fatal(err)
	}
}

func put(t testing.TB, store *vault.Store, item, text string) {
	t.Helper()
	if err := store.Put(t.Context(), item, secret.New(text)); err != nil {
		t.Fatal(err)
	}
}

func holds(t *testing.T, store *vault.Store, item, want string) {
	t.Helper()
	got, err := store.Get(t.Context(), item)
	if err != nil || got.Reveal() != want {
		t.Errorf("get %s: %d bytes, %v", item, got.Len(), err)
	}
}

func wants(t *testing.T, got, want keyring.Condition) {
	t.Helper()
	if got != want {
		t.Errorf("the condition is %+v, want %+v", got, want)
	}
}
