package vault_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"gitgrant/keyring/secret"
	"gitgrant/keyring/vault"
)

// BenchmarkUnlock is how long the first look into a vault takes. A passphrase is
// meant to be slow to try: a quarter of a gigabyte of memory is gone through.
func BenchmarkUnlock(b *testing.B) {
	passphrase := filepath.Join(b.TempDir(), "passphrase")
	if err := os.WriteFile(passphrase, []byte("four words and a comma\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	for name, o := range map[string]vault.Options{
		"by an identity":  {IdentityFile: identityFile(b)},
		"by a passphrase": {PassphraseFile: passphrase},
	} {
		b.Run(name, func(b *testing.B) {
			o.Dir = b.TempDir()
			put(b, vault.New(o), "v1/item", "text")
			for b.Loop() {
				if got, err := vault.New(o).Get(b.Context(), "v1/item"); err != nil || got.Reveal() != "text" {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSave is how long one more item takes, in a vault that is open.
func BenchmarkSave(b *testing.B) {
	for _, items := range []int{10, 1000} {
		b.Run(fmt.Sprintf("among %d", items), func(b *testing.B) {
			s := vault.New(vault.Options{Dir: b.TempDir(), IdentityFile: identityFile(b)})
			for n := range items {
				put(b, s, fmt.Sprint("v1/", n), "text")
			}
			value := secret.New("another text")
			for b.Loop() {
				if err := s.Put(b.Context(), "v1/0", value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
