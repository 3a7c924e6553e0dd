package plain

import (
	"context"
	"errors"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/ui/words"
)

// shut is the kind of a store that tokens rest in and that can be opened from
// here; empty where none is known to be locked.
func (b *browser) shut() keyring.Kind {
	if b.met != "" {
		return b.met
	}
	for _, g := range b.grants {
		if at := b.verdict(g).Condition; at != nil && flows.CanOpen(*at) {
			return at.Store
		}
	}
	return ""
}

// meet remembers a store that stood in the way of what was asked for.
func (b *browser) meet(err error) {
	var at keyring.Condition
	if errors.As(err, &at) && flows.CanOpen(at) {
		b.met = at.Store
	}
}

// unlock opens the store that is locked, and looks again at what rests there.
func (b *browser) unlock(ctx context.Context) error {
	kind := b.shut()
	for _, store := range b.desk.Ring.Stores() {
		if opener, ok := store.(keyring.Opener); ok && store.Kind() == kind {
			if err := b.open(ctx, kind, opener); err != nil {
				return err
			}
			b.say(words.Opened(kind))
			return b.check(ctx, b.grants)
		}
	}
	b.only(words.NothingLocked)
	return nil
}

// open opens a store: the desktop asks for a keychain, and a vault takes its
// passphrase, for as long as the person goes on trying.
func (b *browser) open(ctx context.Context, kind keyring.Kind, opener keyring.Opener) error {
	for {
		var typed secret.Secret
		if kind == keyring.Vault {
			answer, err := b.askPassphrase(ctx)
			if err != nil {
				return err
			}
			typed = answer.Secret
		} else {
			b.say(words.DesktopAsks)
		}
		err := opener.Open(ctx, typed)
		if err == nil || ctx.Err() != nil {
			return err
		}
		b.say(words.NotOpened(err, b.Now()))
		if kind != keyring.Vault {
			return flows.ErrBack
		}
	}
}

func (b *browser) askPassphrase(ctx context.Context) (flows.Answer, error) {
	question := words.AskPassphrase(false, false)
	b.say(question)
	if b.Demo {
		b.say(words.DemoVault)
	}
	return b.passphrase(ctx, question, false)
}
