package keyring_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"gitgrant/keyring"
)

func TestWhatIsUsedHoldsForThisRunAndWhatIsChosenForLaterOnes(t *testing.T) {
	w := newWorld(quick(t))
	p := started(t, w, keyring.System)
	if err := p.ring.Use(keyring.Vault); err != nil {
		t.Fatal(err)
	}
	if g, err := p.ring.Save(t.Context(), runtimeGrant, numbered(1)); err != nil || g.Store != keyring.Vault {
		t.Fatalf("saved in %q: %v", g.Store, err)
	}
	if kind, err := started(t, w, keyring.System).ring.Chosen(); kind != "" || err != nil {
		t.Errorf("the next run finds %q: %v", kind, err)
	}
	if err := p.ring.Choose(t.Context(), keyring.Vault); err != nil {
		t.Fatal(err)
	}
	if kind, err := started(t, w, keyring.System).ring.Chosen(); kind != keyring.Vault || err != nil {
		t.Errorf("the next run finds %q: %v", kind, err)
	}
	whole(t, p)
}

func TestAStoreThatIsNotGivenIsNotTurnedTo(t *testing.T) {
	p := started(t, newWorld(quick(t)), keyring.System)
	var at keyring.Condition
	for name, turn := range map[string]func() error{
		"used":   func() error { return p.ring.Use(keyring.Memory) },
		"chosen": func() error { return p.ring.Choose(t.Context(), keyring.Memory) },
	} {
		if err := turn(); !errors.As(err, &at) || at.Store != keyring.Memory {
			t.Errorf("%s: %v", name, err)
		}
	}
	if kind := p.ring.Store().Kind(); kind != keyring.System {
		t.Errorf("it writes to %q", kind)
	}
	if kind, err := p.ring.Chosen(); kind != "" || err != nil {
		t.Errorf("it remembers %q: %v", kind, err)
	}
}

func TestThoseWhoSaveMeanwhileAreInOneStoreOrTheOther(t *testing.T) {
	p := started(t, newWorld(quick(t)), keyring.System)
	var group sync.WaitGroup
	for n := range 8 {
		g := runtimeGrant
		g.Runtime += strings.Repeat("x", n)
		group.Go(func() {
			saved, err := p.ring.Save(t.Context(), g, numbered(n))
			if err != nil {
				t.Error(err)
				return
			}
			c, err := p.ring.Credential(t.Context(), saved.Key)
			if err != nil || value(c) != value(numbered(n)) {
				t.Errorf("%s: %d bytes, %v", saved.Runtime, c.Access.Len(), err)
			}
		})
		group.Go(func() {
			if err := p.ring.Use([]keyring.Kind{keyring.Vault, keyring.System}[n%2]); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	whole(t, p)
}
