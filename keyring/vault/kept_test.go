package vault_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"gitgrant/keyring"
	"gitgrant/keyring/vault"
)

// keptOpen is a vault that is kept open for others, who have nothing to open it with.
func keptOpen(t *testing.T, period time.Duration) (owner, other *vault.Store, dir string) {
	t.Helper()
	dir = t.TempDir()
	owner, other = vault.New(vault.Options{Dir: dir, IdentityFile: identityFile(t)}), vault.New(vault.Options{Dir: dir})
	put(t, owner, "v1/item", "text")
	wants(t, other.Probe(t.Context()), lockedByIdentity)
	err := owner.KeepOpen(period)
	if errors.Is(err, vault.ErrNotKept) {
		wants(t, other.Probe(t.Context()), lockedByIdentity)
		t.Skipf("only Linux can, and a container may refuse: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return owner, other, dir
}

var lockedByIdentity = keyring.Condition{Store: keyring.Vault, State: keyring.Locked, Seal: vault.ByIdentity}

func TestAVaultThatIsKeptOpenAsksForNothing(t *testing.T) {
	owner, other, _ := keptOpen(t, time.Hour)
	holds(t, other, "v1/item", "text")
	put(t, other, "v1/item", "more")
	holds(t, owner, "v1/item", "more")

	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil { // closing what is closed
		t.Fatal(err)
	}
	wants(t, other.Probe(t.Context()), lockedByIdentity)
}

func TestTheKernelForgetsAfterThePeriod(t *testing.T) {
	_, _, dir := keptOpen(t, time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for vault.New(vault.Options{Dir: dir}).Probe(ctx).Usable() {
		if ctx.Err() != nil {
			t.Fatal("it is still open")
		}
	}
}

func TestALockedVaultIsNotKeptOpen(t *testing.T) {
	dir := t.TempDir()
	store := vault.New(vault.Options{Dir: dir})
	var at keyring.Condition
	if err := store.KeepOpen(time.Hour); !errors.As(err, &at) || at.State != keyring.Missing {
		t.Errorf("one that is missing gives %v", err)
	}
	put(t, vault.New(vault.Options{Dir: dir, IdentityFile: identityFile(t)}), "v1/item", "text")
	if err := store.KeepOpen(time.Hour); err != error(lockedByIdentity) {
		t.Errorf("got %v", err)
	}
}
