package plain_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers/all"
	"gitgrant/providers/hosts"
	"gitgrant/providers/sandbox"
	"gitgrant/ui/plain"
)

// keychain is one of a desktop that asks for the password in a window of its
// own, and whose prompt is dismissed at first.
type keychain struct {
	*memory.Store
	locked  bool
	prompts int
}

func (k *keychain) Kind() keyring.Kind { return keyring.System }

func (k *keychain) Probe(context.Context) keyring.Condition {
	if k.locked {
		return keyring.Condition{Store: keyring.System, State: keyring.Locked}
	}
	return keyring.Condition{Store: keyring.System, State: keyring.Ready}
}

func (k *keychain) Get(ctx context.Context, item string) (secret.Secret, error) {
	if k.locked {
		return secret.Secret{}, k.Probe(ctx)
	}
	return k.Store.Get(ctx, item)
}

func (k *keychain) Open(context.Context, secret.Secret) error {
	if k.prompts++; k.prompts == 1 {
		return keyring.Condition{Store: keyring.System, State: keyring.Denied}
	}
	k.locked = false
	return nil
}

func TestALockedKeychainIsOpenedFromTheList(t *testing.T) {
	store := &keychain{Store: memory.New()}
	ring, err := keyring.Open(keyring.Options{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	desk := deskOver(t, ring)
	g := keyring.Grant{
		Key:      keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"},
		Provider: "github", Host: "https://github.com", Method: "pat", Kind: "classic-pat",
	}
	if _, err := ring.Save(t.Context(), g, keyring.Credential{Access: secret.New(sandbox.MustToken("github", "runtime").Text)}); err != nil {
		t.Fatal(err)
	}
	store.locked = true

	var out strings.Builder
	person := &plain.Person{In: plain.Script("c", "p", "1", "p", "q"), Out: &out, Now: time.Now}
	if _, err := person.Browse(t.Context(), desk); err != nil {
		t.Fatal(err)
	}
	said := out.String()
	for _, want := range []string{
		"acme-bot: locked", "p to open the keychain", "Your desktop asks for its password in a window of its own.",
		"The keychain refused. Its prompt was dismissed", "The keychain is open.", "Status: valid.",
	} {
		_, after, found := strings.Cut(said, want)
		if !found {
			t.Fatalf("it does not say %q, in this order:\n%s", want, out.String())
		}
		said = after
	}
	if strings.Contains(said, "p to open") {
		t.Errorf("what is open is still to be opened:\n%s", said)
	}
}

// deskOver works with built-in hosts.
func deskOver(t *testing.T, ring *keyring.Ring) *flows.Desk {
	t.Helper()
	server, err := sandbox.Start(sandbox.Options{Interval: time.Second}, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	book, err := hosts.Parse(hosts.FileName, server.HostsYAML(server.URL()), all.Providers())
	if err != nil {
		t.Fatal(err)
	}
	desk := &flows.Desk{
		Providers: all.Providers(), Hosts: book, Ring: ring, UserAgent: "gitgrant/test", Now: time.Now,
		Log: slog.New(slog.DiscardHandler), Within: flows.DefaultWithin,
	}
	t.Cleanup(desk.Close)
	return desk
}
