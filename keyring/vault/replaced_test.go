package vault_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/keyring/vault"
)

// remade is a vault that was opened by one who keeps it open, then deleted, and
// made anew by somebody else with one item in it.
func remade(t *testing.T, keeps func(dir string) *vault.Store) (kept *vault.Store, anew vault.Options) {
	t.Helper()
	anew = vault.Options{Dir: t.TempDir(), IdentityFile: identityFile(t)}
	kept = keeps(anew.Dir)
	put(t, kept, "v1/item", "text")
	for _, name := range []string{"vault.key.age", "vault.age"} {
		if err := os.Remove(filepath.Join(anew.Dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	put(t, vault.New(anew), "v1/other", "more")
	return kept, anew
}

func TestAVaultThatWasMadeAnewHasToBeOpenedAgain(t *testing.T) {
	kept, anew := remade(t, func(dir string) *vault.Store {
		store := vault.New(vault.Options{Dir: dir})
		open(t, store, "correct horse")
		return store
	})
	if err := kept.KeepOpen(time.Hour); err != error(lockedByIdentity) {
		t.Errorf("keeping it open gives %v", err)
	}
	if err := kept.Put(t.Context(), "v1/item", secret.New("text")); err != error(lockedByIdentity) {
		t.Errorf("put gives %v", err)
	}
	if _, err := kept.Get(t.Context(), "v1/other"); err != error(lockedByIdentity) {
		t.Errorf("get gives %v", err)
	}
	if err := kept.Delete(t.Context(), "v1/other"); err != error(lockedByIdentity) {
		t.Errorf("delete gives %v", err)
	}
	wants(t, kept.Probe(t.Context()), lockedByIdentity)
	holds(t, vault.New(anew), "v1/other", "more")
}

func TestAVaultThatWasMadeAnewOpensItselfWhereItCan(t *testing.T) {
	identity := identityFile(t)
	for name, test := range map[string]struct {
		opensNew bool
		want     keyring.State
	}{
		"what it was sealed with is there": {true, keyring.Ready},
		"something else is there":          {false, keyring.Locked},
	} {
		t.Run(name, func(t *testing.T) {
			given := file(t, string(read(t, identity)), 0o600)
			kept, anew := remade(t, func(dir string) *vault.Store {
				return vault.New(vault.Options{Dir: dir, IdentityFile: given})
			})
			if test.opensNew {
				rewrite(t, given, func([]byte) []byte { return read(t, anew.IdentityFile) })
			}
			err := kept.Put(t.Context(), "v1/item", secret.New("text"))
			if at := kept.Probe(t.Context()); at.State != test.want || (err == nil) != at.Usable() {
				t.Errorf("put gives %v, and the probe says %v", err, at)
			}
			if test.opensNew {
				holds(t, vault.New(anew), "v1/item", "text")
			}
			holds(t, vault.New(anew), "v1/other", "more")
		})
	}
}
