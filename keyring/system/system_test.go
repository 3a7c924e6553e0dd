package system_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/keyring/storetest"
	"gitgrant/keyring/system"
)

func TestAKeychainIsAStoreWithinTheLimitsOfEverySystem(t *testing.T) {
	for name, limit := range map[string]func(service, user, password string) error{
		"Linux": nil, "Windows": windowsLimit, "macOS": macLimit,
	} {
		t.Run(name, func(t *testing.T) {
			k := newKeychain()
			k.limit = limit
			storetest.Contract(t, k.store(keyring.Ready))
			storetest.RingOver(t, k.store(keyring.Ready))
		})
	}
}

func TestADismissedPromptIsNotASuccess(t *testing.T) {
	k := newKeychain()
	k.dismissSet = true
	denied(t, k.store(keyring.Ready).Put(t.Context(), "v1/item", secret.New("text")))

	k.dismissSet, k.dismissErase = false, true
	store := k.store(keyring.Ready)
	if err := store.Put(t.Context(), "v1/item", secret.New("text")); err != nil {
		t.Fatal(err)
	}
	denied(t, store.Delete(t.Context(), "v1/item"))
}

func TestAnItemThatComesBackChangedIsNotASuccess(t *testing.T) {
	k := newKeychain()
	k.garble = true
	denied(t, k.store(keyring.Ready).Put(t.Context(), "v1/item", secret.New("text")))
}

func TestAnErrorOfTheKeychainIsACondition(t *testing.T) {
	k := newKeychain()
	k.fail = errors.New("errSec\x1b[31m -25308\n")
	err := k.store(keyring.Ready).Put(t.Context(), "v1/item", secret.New("text"))
	want := keyring.Condition{Store: keyring.System, State: keyring.Denied, Detail: "errSec [31m -25308"}
	if err != error(want) {
		t.Errorf("got %#v", err)
	}
}

func TestAKeychainThatIsNotReadyIsNotCalled(t *testing.T) {
	for _, state := range []keyring.State{
		keyring.Locked, keyring.NoCollection, keyring.NoService, keyring.NoBus,
		keyring.Denied, keyring.Unsupported, keyring.Unresponsive,
	} {
		t.Run(string(state), func(t *testing.T) {
			k := newKeychain()
			store := k.store(state)
			want := error(keyring.Condition{Store: keyring.System, State: state})
			if err := store.Put(t.Context(), "v1/item", secret.New("text")); err != want {
				t.Errorf("put gives %v", err)
			}
			if _, err := store.Get(t.Context(), "v1/item"); err != want {
				t.Errorf("get gives %v", err)
			}
			if err := store.Delete(t.Context(), "v1/item"); err != want {
				t.Errorf("delete gives %v", err)
			}
			if k.called() != 0 {
				t.Errorf("the keychain was called %d times", k.called())
			}
		})
	}
}

func TestAServiceThatWaitsToBeAskedIsStartedByACallAndNotByAProbe(t *testing.T) {
	state := keyring.Activatable
	starts := 0
	store := system.New(system.Options{
		Keychain: newKeychain(),
		Probe:    func(ctx context.Context) keyring.Condition { return in(state)(ctx) },
		Start:    func(context.Context) error { starts++; state = keyring.Ready; return nil },
	})
	if at := store.Probe(t.Context()); at.State != keyring.Activatable || starts != 0 {
		t.Errorf("the probe says %v after %d starts", at, starts)
	}
	if err := store.Put(t.Context(), "v1/item", secret.New("text")); err != nil || starts != 1 {
		t.Errorf("put gives %v after %d starts", err, starts)
	}
}

func TestAServiceThatDoesNotStartSaysWhy(t *testing.T) {
	store := system.New(system.Options{
		Keychain: newKeychain(),
		Probe:    in(keyring.Activatable),
		Start:    func(context.Context) error { return errors.New("exited with status 1") },
	})
	_, err := store.Get(t.Context(), "v1/item")
	if err != error(keyring.Condition{Store: keyring.System, State: keyring.Activatable, Detail: "exited with status 1"}) {
		t.Errorf("got %#v", err)
	}
}

func TestOnlyOpenPrompts(t *testing.T) {
	state := keyring.Locked
	store := system.New(system.Options{
		Keychain: newKeychain(),
		Probe:    func(ctx context.Context) keyring.Condition { return in(state)(ctx) },
		Unlock:   func(context.Context) error { state = keyring.Ready; return nil },
	})
	if err := store.Put(t.Context(), "v1/item", secret.New("text")); err == nil {
		t.Error("a locked keychain took an item")
	}
	if err := store.Open(t.Context(), secret.Secret{}); err != nil {
		t.Fatal(err)
	}
	if err := store.Put(t.Context(), "v1/item", secret.New("text")); err != nil {
		t.Error(err)
	}
}

func TestACallThatPassesItsDeadlineHasAnUnknownOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeychain()
		k.hang = make(chan struct{})
		store := k.store(keyring.Ready)
		if err := store.Put(t.Context(), "v1/item", secret.New("text")); !errors.Is(err, keyring.ErrUnknownOutcome) {
			t.Fatalf("got %v", err)
		}
		var at keyring.Condition
		if err := store.Put(t.Context(), "v1/other", secret.New("text")); !errors.As(err, &at) || at.State != keyring.Unresponsive {
			t.Errorf("a call that never began gives %v", err)
		}
		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		if err := store.Wait(impatient); !errors.Is(err, keyring.ErrUnknownOutcome) {
			t.Errorf("waiting gives %v while it hangs", err)
		}

		close(k.hang)
		if err := store.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if items, _ := k.list(t.Context()); !slices.Equal(items, []string{"v1/item"}) {
			t.Errorf("the keychain holds %q", items)
		}
	})
}

// hanging is a ring whose save of a grant has passed its deadline, since the
// keychain does not answer to the last call of it.
func hanging(t *testing.T, dir string, g keyring.Grant) (k *keychain, ring *keyring.Ring, resume func()) {
	t.Helper()
	k = newKeychain()
	k.begun = make(chan struct{}, 100)
	ring, err := keyring.Open(keyring.Options{Dir: dir, Store: k.store(keyring.Ready), Others: []keyring.Store{memory.New()}})
	if err != nil {
		t.Fatal(err)
	}
	hang := make(chan struct{})
	k.hang, k.hangFrom = hang, 2 // the head is read, and its writing hangs
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-k.begun
		<-k.begun
		cancel()
	}()
	if _, err := ring.Save(ctx, g, storetest.Pair(40, 0)); !errors.Is(err, keyring.ErrUnknownOutcome) {
		t.Fatalf("save gives %v", err)
	}
	return k, ring, func() {
		k.mu.Lock()
		k.hang = nil
		k.mu.Unlock()
		close(hang)
	}
}

func TestALateResultIsReconciled(t *testing.T) {
	dir := t.TempDir()
	g := storetest.Grant("prod", "runtime", "acme-bot")
	_, ring, resume := hanging(t, dir, g)

	other, err := keyring.Open(keyring.Options{Dir: dir, Store: newKeychain().store(keyring.Ready)})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Settle(t.Context()); !errors.Is(err, keyring.ErrUnknownOutcome) {
		t.Errorf("settling in another process gives %v", err)
	}
	if pending, err := other.Pending(); err != nil || len(pending) != 1 {
		t.Errorf("another process has ended what is not over: %v, %v", pending, err)
	}

	resume()
	if err := ring.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	holds(t, ring, g.Key, storetest.Pair(40, 0))
}

func TestAPersonGoesOnWithAnotherStoreWhileTheKeychainHangs(t *testing.T) {
	g := storetest.Grant("prod", "runtime", "acme-bot")
	k, ring, resume := hanging(t, t.TempDir(), g)
	if err := ring.Use(keyring.Memory); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Save(t.Context(), g, storetest.Pair(2000, 0)); err != nil {
		t.Fatal(err)
	}
	holds(t, ring, g.Key, storetest.Pair(2000, 0))

	resume()
	if err := ring.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	holds(t, ring, g.Key, storetest.Pair(2000, 0))
	if items, _ := k.list(t.Context()); len(items) > 0 {
		t.Errorf("the keychain still holds %q", items)
	}
}

func TestAFullKeychainKeepsWhatItHad(t *testing.T) {
	k := newKeychain()
	ring, err := keyring.Open(keyring.Options{Store: k.store(keyring.Ready)})
	if err != nil {
		t.Fatal(err)
	}
	g := storetest.Grant("prod", "runtime", "acme-bot")
	if _, err := ring.Save(t.Context(), g, storetest.Pair(5558, 0)); err != nil {
		t.Fatal(err)
	}
	k.limit = func(_, _, _ string) error { return errFull }
	_, err = ring.Save(t.Context(), g, storetest.Pair(2971, 0))
	denied(t, err)
	holds(t, ring, g.Key, storetest.Pair(5558, 0))
	if pending, err := ring.Pending(); err != nil || len(pending) > 0 {
		t.Errorf("left pending: %v, %v", pending, err)
	}
}

func holds(t *testing.T, ring *keyring.Ring, k keyring.Key, want keyring.Credential) {
	t.Helper()
	c, err := ring.Credential(t.Context(), k)
	if err != nil || !c.Access.Equal(want.Access) || !c.Refresh.Equal(want.Refresh) {
		t.Errorf("got %d and %d bytes, %v", c.Access.Len(), c.Refresh.Len(), err)
	}
}

func denied(t *testing.T, err error) {
	t.Helper()
	var at keyring.Condition
	if !errors.As(err, &at) || at.State != keyring.Denied {
		t.Errorf("got %v, want that it was denied", err)
	}
}
