package vault_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"gitgrant/keyring"
	"gitgrant/keyring/vault"
)

// Whatever stands in the files, a vault gives what was put, or says why not.
func FuzzVault(f *testing.F) {
	intact := vault.Options{Dir: f.TempDir(), IdentityFile: identityFile(f)}
	put(f, vault.New(intact), "v1/item", "text")
	key, data := read(f, filepath.Join(intact.Dir, "vault.key.age")), read(f, filepath.Join(intact.Dir, "vault.age"))
	for _, seed := range [][2][]byte{{key, data}, {key, data[:len(data)-1]}, {key, nil}, {nil, data}, {data, key}, {[]byte("age-encryption.org/v1\n-> scrypt AAAA 30\n"), data}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, key, data []byte) {
		o := vault.Options{Dir: t.TempDir(), IdentityFile: intact.IdentityFile}
		for name, text := range map[string][]byte{"vault.key.age": key, "vault.age": data} {
			if err := os.WriteFile(filepath.Join(o.Dir, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := vault.New(o).Get(t.Context(), "v1/item")
		var at keyring.Condition
		switch {
		case err == nil && got.Reveal() != "text":
			t.Errorf("it gives %q", got.Reveal())
		case err != nil && !errors.As(err, &at) && !errors.Is(err, keyring.ErrNotFound):
			t.Errorf("it says %v", err)
		}
	})
}
