package command

import (
	"context"
	"encoding/json"
	"sync/atomic"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/sandbox"
	"gitgrant/ui/words"
)

// furnishing is a token of the demo: which one of the sandbox it is decides
// which state it is in.
type furnishing struct {
	runtime string
	purpose providers.Purpose
	account string
	kind    providers.Kind
	token   string // its name in the sandbox
}

// The runtimes of the demo, one in each state that there is.
var furnishings = []furnishing{
	{"brook", providers.Runtime, "acme-bot", providers.GitLab, "revoked"},
	{"canyon", providers.Runtime, "acme-bot", providers.GitLab, "expired"},
	{"delta", providers.Runtime, "acme-bot", providers.GitHub, "revoked"}, // rejected: GitHub does not say why
	{"fjord", providers.Runtime, "acme-bot", providers.GitHub, "sso"},
	{"glacier", providers.Runtime, "acme-bot", providers.GitHub, "restricted"},
	{"harbor", providers.Runtime, "acme-bot", providers.GitHub, "runtime"},
	{"harbor", providers.User, "octocat", providers.GitHub, "user"},
	{"island", providers.Runtime, "acme-bot", providers.GitLabServer, "rate-limit"},
	{"jungle", providers.Runtime, "acme-bot", providers.GitHubEnterprise, "error-502"},
	{lockedRuntime, providers.Runtime, "acme-bot", providers.GitHub, "runtime"},
	{absentRuntime, providers.Runtime, "acme-bot", providers.GitHub, "runtime"},
	{"meadow", providers.Runtime, "acme-bot", providers.GitHub, "expires-in-7-days"},
	{uncheckedRuntime, providers.User, "octocat", providers.GitLab, "user"},
	{"orchard", providers.Runtime, "acme-bot", providers.GitHub, "fine-grained"},
	{"summit", providers.Runtime, "acme-bot", providers.GitHub, "no-webhooks"},
}

// The runtimes whose states come from this machine and not from a host, and the
// one that nobody is notified about.
const (
	lockedRuntime    = "kettle"
	absentRuntime    = "lagoon"
	uncheckedRuntime = "nimbus"
	mutedRuntime     = "canyon"
)

// furnish puts the runtimes into the demo and has all but one of them checked,
// so that the first thing to see is every state at once.
func furnish(ctx context.Context, d *flows.Desk) error {
	for _, f := range furnishings {
		if err := f.place(ctx, d); err != nil {
			return err
		}
	}
	box := strongboxOf(d.Ring)
	box.locked.Store(true)
	if err := d.Mute(mutedRuntime, true); err != nil {
		return err
	}
	grants, err := d.Ring.Grants()
	if err != nil {
		return err
	}
	var checked []keyring.Grant
	for _, g := range grants {
		if g.Runtime != uncheckedRuntime {
			checked = append(checked, g)
		}
	}
	verdicts, err := d.Status(ctx, checked, nil)
	if err != nil {
		return err
	}
	for i, g := range checked {
		// A check that could not be made leaves the last verdict standing. Here
		// there was none, and it is what there is to see.
		text, err := json.Marshal(verdicts[i])
		if err == nil && verdicts[i].Status.Class() == flows.NotAsked {
			err = d.Ring.Note(g.Key, func(g *keyring.Grant) { g.Verdict = text })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// place stores a token of the demo where its state wants it.
func (f furnishing) place(ctx context.Context, d *flows.Desk) error {
	p, _ := d.Provider(f.kind)
	h, known := d.Hosts.Only(f.kind)
	if !known {
		var err error
		if h, err = p.Locate(""); err != nil {
			return err
		}
	}
	token := secret.New(sandbox.MustToken(string(f.kind), f.token).Text)
	g := keyring.Grant{
		Key:      keyring.Key{Runtime: f.runtime, Purpose: string(f.purpose), Account: f.account},
		Provider: string(f.kind), Host: h.URL, Method: string(providers.PAT), Kind: string(p.Guess(token)),
	}
	home := d.Ring.Store()
	if f.runtime == lockedRuntime {
		if err := d.Ring.Use(keyring.Vault); err != nil {
			return err
		}
		defer func() { _ = d.Ring.Use(home.Kind()) }() // it was the store a moment ago
	}
	before := items(ctx, home)
	if _, err := d.Ring.Save(ctx, g, keyring.Credential{Access: token}); err != nil {
		return err
	}
	if f.runtime != absentRuntime {
		return nil
	}
	for item := range items(ctx, home) { // somebody else empties the keychain
		if !before[item] {
			if err := home.Delete(ctx, item); err != nil {
				return err
			}
		}
	}
	return nil
}

func items(ctx context.Context, store keyring.Store) map[string]bool {
	names := map[string]bool{}
	if lister, ok := store.(keyring.Lister); ok {
		found, _ := lister.Items(ctx) // what is kept in memory can be listed
		for _, name := range found {
			names[name] = true
		}
	}
	return names
}

// strongbox is the vault of the demo: in memory as well, and sealed by a
// passphrase that the demo tells.
type strongbox struct {
	*memory.Store
	locked atomic.Bool
}

func strongboxOf(ring *keyring.Ring) *strongbox {
	for _, store := range ring.Stores() {
		if box, ok := store.(*strongbox); ok {
			return box
		}
	}
	return &strongbox{Store: memory.New()}
}

// Kind implements keyring.Store.
func (b *strongbox) Kind() keyring.Kind { return keyring.Vault }

// Probe implements keyring.Store.
func (b *strongbox) Probe(context.Context) keyring.Condition {
	if b.locked.Load() {
		return keyring.Condition{Store: keyring.Vault, State: keyring.Locked, Seal: "passphrase"}
	}
	return keyring.Condition{Store: keyring.Vault, State: keyring.Ready}
}

// Put implements keyring.Store.
func (b *strongbox) Put(ctx context.Context, item string, value secret.Secret) error {
	if at := b.Probe(ctx); !at.Usable() {
		return at
	}
	return b.Store.Put(ctx, item, value)
}

// Get implements keyring.Store.
func (b *strongbox) Get(ctx context.Context, item string) (secret.Secret, error) {
	if at := b.Probe(ctx); !at.Usable() {
		return secret.Secret{}, at
	}
	return b.Store.Get(ctx, item)
}

// Delete implements keyring.Store.
func (b *strongbox) Delete(ctx context.Context, item string) error {
	if at := b.Probe(ctx); !at.Usable() {
		return at
	}
	return b.Store.Delete(ctx, item)
}

// Open implements keyring.Opener.
func (b *strongbox) Open(_ context.Context, passphrase secret.Secret) error {
	if passphrase.Reveal() != words.DemoPassphrase {
		return keyring.Condition{Store: keyring.Vault, State: keyring.Locked, Seal: "passphrase", Wrong: true}
	}
	b.locked.Store(false)
	return nil
}
