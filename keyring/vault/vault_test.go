package vault_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/keyring/storetest"
	"gitgrant/keyring/vault"
)

func TestAVaultIsAStore(t *testing.T) {
	storetest.Contract(t, vault.New(vault.Options{Dir: t.TempDir(), IdentityFile: identityFile(t)}))
}

func TestARingOverAVault(t *testing.T) {
	storetest.RingOver(t, vault.New(vault.Options{Dir: t.TempDir(), IdentityFile: identityFile(t)}))
}

func TestAPassphraseCreatesAndOpens(t *testing.T) {
	dir := t.TempDir()
	first := vault.New(vault.Options{Dir: dir})
	wants(t, first.Probe(t.Context()), keyring.Condition{Store: keyring.Vault, State: keyring.Missing})
	open(t, first, "correct horse")
	put(t, first, "v1/item", "text")

	second := vault.New(vault.Options{Dir: dir})
	locked := keyring.Condition{Store: keyring.Vault, State: keyring.Locked, Seal: vault.ByPassphrase}
	wants(t, second.Probe(t.Context()), locked)
	if _, err := second.Get(t.Context(), "v1/item"); err != error(locked) {
		t.Errorf("a locked vault answers %v", err)
	}
	wrong := locked
	wrong.Wrong = true
	if err := second.Open(t.Context(), secret.New("battery staple")); err != error(wrong) {
		t.Errorf("a wrong passphrase gives %v", err)
	}
	open(t, second, "correct horse")
	holds(t, second, "v1/item", "text")
}

func TestAnEmptyPassphraseCreatesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := vault.New(vault.Options{Dir: dir}).Open(t.Context(), secret.Secret{}); err == nil {
		t.Error("it opened")
	}
	if _, err := os.Stat(filepath.Join(dir, "vault.key.age")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the key file is there: %v", err)
	}
}

func TestAFileOpensWhereNobodyCanType(t *testing.T) {
	for name, options := range map[string]func(t *testing.T) vault.Options{
		"an identity": func(t *testing.T) vault.Options { return vault.Options{IdentityFile: identityFile(t)} },
		"a passphrase": func(t *testing.T) vault.Options {
			return vault.Options{PassphraseFile: file(t, "secret words\r\n", 0o600)}
		},
		"the former wins, and pays no scrypt": func(t *testing.T) vault.Options {
			return vault.Options{IdentityFile: identityFile(t), PassphraseFile: file(t, "", 0o600)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			o.Dir = t.TempDir()
			store := vault.New(o)
			wants(t, store.Probe(t.Context()), keyring.Condition{Store: keyring.Vault, State: keyring.Ready, New: true})
			if _, err := os.Stat(filepath.Join(o.Dir, "vault.key.age")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a probe created it: %v", err)
			}
			if _, err := store.Get(t.Context(), "v1/item"); !errors.Is(err, keyring.ErrNotFound) {
				t.Errorf("a vault that is to be created answers %v", err)
			}
			put(t, store, "v1/item", "text")
			holds(t, vault.New(o), "v1/item", "text")
		})
	}
}

func TestAVaultIsSealedOnce(t *testing.T) {
	identity, passphrase := identityFile(t), file(t, "secret words\n", 0o600)
	for name, test := range map[string]struct {
		sealed, offered vault.Options
		want            keyring.Condition
	}{
		"a passphrase does not open what an identity sealed": {
			vault.Options{IdentityFile: identity},
			vault.Options{PassphraseFile: passphrase},
			keyring.Condition{Store: keyring.Vault, State: keyring.Locked, Seal: vault.ByIdentity},
		},
		"an identity does not open what a passphrase sealed": {
			vault.Options{PassphraseFile: passphrase},
			vault.Options{IdentityFile: identity},
			keyring.Condition{Store: keyring.Vault, State: keyring.Locked, Seal: vault.ByPassphrase},
		},
		"another identity does not open it": {
			vault.Options{IdentityFile: identity},
			vault.Options{IdentityFile: identityFile(t)},
			keyring.Condition{Store: keyring.Vault, State: keyring.Locked, Seal: vault.ByIdentity, Wrong: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.sealed.Dir = t.TempDir()
			test.offered.Dir = test.sealed.Dir
			put(t, vault.New(test.sealed), "v1/item", "text")
			store := vault.New(test.offered)
			wants(t, store.Probe(t.Context()), test.want)
			if err := store.Put(t.Context(), "v1/item", secret.New("other")); err != error(test.want) {
				t.Errorf("put gives %v", err)
			}
			holds(t, vault.New(test.sealed), "v1/item", "text")
		})
	}
}

func TestATypedPassphraseDoesNotOpenWhatAnIdentitySealed(t *testing.T) {
	o := vault.Options{Dir: t.TempDir(), IdentityFile: identityFile(t)}
	put(t, vault.New(o), "v1/item", "text")
	err := vault.New(vault.Options{Dir: o.Dir}).Open(t.Context(), secret.New("secret words"))
	if err != error(keyring.Condition{Store: keyring.Vault, State: keyring.Locked, Seal: vault.ByIdentity}) {
		t.Errorf("got %v", err)
	}
}

func TestAFileThatOthersCanReadIsRefused(t *testing.T) {
	for name, options := range map[string]func(path string) vault.Options{
		"a passphrase file": func(path string) vault.Options { return vault.Options{PassphraseFile: path} },
		"an identity file":  func(path string) vault.Options { return vault.Options{IdentityFile: path} },
	} {
		t.Run(name, func(t *testing.T) {
			path := file(t, "secret words\n", 0o644)
			o := options(path)
			o.Dir = t.TempDir()
			at := vault.New(o).Probe(t.Context())
			want := &vault.Exposed{Path: path, Mode: 0o644}
			if at.Usable() || at.Detail != want.Error() {
				t.Errorf("got %v (%s)", at, at.Detail)
			}
		})
	}
}

func TestDamageIsToldFromAWrongPassphrase(t *testing.T) {
	intact := vault.Options{Dir: t.TempDir(), IdentityFile: identityFile(t)}
	put(t, vault.New(intact), "v1/item", string(make([]byte, 100_000))) // several chunks of age
	for name, damage := range map[string]func(t *testing.T, dir string){
		"a flipped bit at the end of the items": func(t *testing.T, dir string) {
			rewrite(t, filepath.Join(dir, "vault.age"), func(b []byte) []byte { b[len(b)-1] ^= 1; return b })
		},
		"items that were cut off": func(t *testing.T, dir string) {
			rewrite(t, filepath.Join(dir, "vault.age"), func(b []byte) []byte { return b[:len(b)-1] })
		},
		"items of another vault": func(t *testing.T, dir string) {
			other := vault.Options{Dir: t.TempDir(), IdentityFile: identityFile(t)}
			put(t, vault.New(other), "v1/item", "text")
			rewrite(t, filepath.Join(dir, "vault.age"), func([]byte) []byte { return read(t, filepath.Join(other.Dir, "vault.age")) })
		},
		"a key that is no age file": func(t *testing.T, dir string) {
			rewrite(t, filepath.Join(dir, "vault.key.age"), func([]byte) []byte { return []byte("not age") })
		},
		"a key that is gone": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "vault.key.age")); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := intact
			o.Dir = t.TempDir()
			for _, name := range []string{"vault.key.age", "vault.age"} {
				if err := os.WriteFile(filepath.Join(o.Dir, name), read(t, filepath.Join(intact.Dir, name)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			damage(t, o.Dir)
			store := vault.New(o)
			if at := store.Probe(t.Context()); at.State != keyring.Damaged {
				t.Errorf("the probe says %v", at)
			}
			var at keyring.Condition
			if got, err := store.Get(t.Context(), "v1/item"); !errors.As(err, &at) || at.State != keyring.Damaged || !got.Empty() {
				t.Errorf("get gives %d bytes, %v", got.Len(), err)
			}
			if err := store.Put(t.Context(), "v1/item", secret.New("other")); !errors.As(err, &at) || at.State != keyring.Damaged {
				t.Errorf("put gives %v", err)
			}
		})
	}
}

// A planted key file must not cost hours. Its header asks for 2^25 rounds.
func TestTheWorkThatAKeyFileAsksForIsBounded(t *testing.T) {
	dir := t.TempDir()
	planted := "age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 25\n" +
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n0123456789abcdef"
	if err := os.WriteFile(filepath.Join(dir, "vault.key.age"), []byte(planted), 0o600); err != nil {
		t.Fatal(err)
	}
	err := vault.New(vault.Options{Dir: dir}).Open(t.Context(), secret.New("secret words"))
	var at keyring.Condition
	if !errors.As(err, &at) || at.State != keyring.Damaged {
		t.Errorf("got %v", err)
	}
}

func TestAVaultDeletedWhileOpenIsNotWrittenTo(t *testing.T) {
	o := vault.Options{Dir: t.TempDir(), IdentityFile: identityFile(t)}
	store := vault.New(o)
	put(t, store, "v1/item", "text")
	for _, name := range []string{"vault.key.age", "vault.age"} {
		if err := os.Remove(filepath.Join(o.Dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Put(t.Context(), "v1/item", secret.New("other")); err == nil {
		t.Error("the text now rests where no key opens it")
	}
}

func TestProcessesThatShareAVaultLoseNothing(t *testing.T) {
	o := vault.Options{Dir: t.TempDir(), IdentityFile: identityFile(t)}
	const writers = 8
	failures := make(chan error, writers)
	for n := range writers {
		go func() { failures <- vault.New(o).Put(t.Context(), item(n), secret.New(item(n))) }()
	}
	for range writers {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
	for n := range writers {
		holds(t, vault.New(o), item(n), item(n))
	}
}

// Who holds the files and the passphrase needs no gitgrant to get at the tokens.
func TestAgeAloneOpensAVault(t *testing.T) {
	o := vault.Options{Dir: t.TempDir(), IdentityFile: identityFile(t)}
	put(t, vault.New(o), "v1/item", "text")
	outer := identities(t, read(t, o.IdentityFile))
	inner := identities(t, decrypt(t, filepath.Join(o.Dir, "vault.key.age"), outer))
	plain := decrypt(t, filepath.Join(o.Dir, "vault.age"), inner)
	if want := `{"version":1,"items":{"v1/item":"text"}}`; string(plain) != want {
		t.Errorf("age reads %s", plain)
	}
}

func item(n int) string { return "v1/" + string(rune('a'+n)) }

func identityFile(t testing.TB) string {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return file(t, "# for a machine\n"+identity.String()+"\n", 0o600)
}
