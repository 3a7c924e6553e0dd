package system_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/keyring/system"
)

const (
	callers  = 96 // sixteen at a time for each of six hosts
	deadline = 5 * time.Second
)

// atOnce makes a call by every caller at the same time.
func atOnce(call func() error) []error {
	errs := make([]error, callers)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = call() })
	}
	all.Wait()
	return errs
}

func TestALongQueueIsNoSignOfAKeychainThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeychain()
		k.items["v1/item"] = "text"
		k.pace = 85 * time.Millisecond
		store := k.store(keyring.Ready)
		start := time.Now()
		for _, err := range atOnce(func() error {
			_, err := store.Get(t.Context(), "v1/item")
			return err
		}) {
			if err != nil {
				t.Errorf("a caller got %v", err)
			}
		}
		if took := time.Since(start); took < deadline {
			t.Fatalf("all were through after %v, and nobody waited for long", took)
		}
	})
}

func TestNobodyWaitsForACallThatHasPassedItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeychain()
		k.hang = make(chan struct{})
		store := k.store(keyring.Ready)
		start := time.Now()
		unknown, unresponsive := 0, 0
		for _, err := range atOnce(func() error { return store.Put(t.Context(), "v1/item", secret.New("text")) }) {
			var at keyring.Condition
			switch {
			case errors.Is(err, keyring.ErrUnknownOutcome):
				unknown++
			case errors.As(err, &at) && at.State == keyring.Unresponsive:
				unresponsive++
			default:
				t.Errorf("a caller got %v", err)
			}
		}
		if unknown != 1 || unresponsive != callers-1 {
			t.Errorf("%d outcomes are unknown and %d calls never began", unknown, unresponsive)
		}
		if took := time.Since(start); took != deadline {
			t.Errorf("the last gave up after %v", took)
		}
		close(k.hang)
	})
}

// The call of somebody who has left keeps its turn, and has its deadline still.
func TestACallThatWasLeftAloneIsWaitedForUntilItsDeadline(t *testing.T) {
	for name, test := range map[string]struct {
		lasts time.Duration
		want  keyring.State // of the next caller; empty is success
	}{
		"one that is answered":     {deadline - time.Second, ""},
		"one that is not answered": {deadline + time.Second, keyring.Unresponsive},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newKeychain()
				k.hang, k.begun = make(chan struct{}), make(chan struct{}, 10)
				store := k.store(keyring.Ready)
				leaves, leave := context.WithCancel(t.Context())
				go func() {
					<-k.begun
					leave()
					time.Sleep(test.lasts)
					close(k.hang)
				}()
				if err := store.Put(leaves, "v1/item", secret.New("text")); !errors.Is(err, keyring.ErrUnknownOutcome) {
					t.Fatalf("who leaves gets %v", err)
				}
				var at keyring.Condition
				if err := store.Put(t.Context(), "v1/other", secret.New("text")); !errors.As(err, &at) && err != nil || at.State != test.want {
					t.Errorf("the next caller gets %v", err)
				}
				if err := store.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := store.Put(t.Context(), "v1/third", secret.New("text")); err != nil {
					t.Errorf("once it is over, the next caller gets %v", err)
				}
			})
		})
	}
}

func TestACallIsOverOnceItIsAnswered(t *testing.T) {
	k := newKeychain()
	k.items["v1/item"] = "text"
	store := k.store(keyring.Ready)
	noTime, cancel := context.WithCancel(t.Context())
	cancel()
	for range 5000 {
		if _, err := store.Get(t.Context(), "v1/item"); err != nil {
			t.Fatal(err)
		}
		if err := store.Wait(noTime); err != nil {
			t.Fatalf("it was answered and is under way: %v", err)
		}
	}
}

func TestWhoLeavesTheQueueWasNotCalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeychain()
		k.hang, k.begun = make(chan struct{}), make(chan struct{}, 10)
		store := k.store(keyring.Ready)
		first := make(chan error)
		go func() { first <- store.Put(t.Context(), "v1/item", secret.New("text")) }()
		<-k.begun
		leaves, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		var at keyring.Condition
		if err := store.Put(leaves, "v1/other", secret.New("text")); !errors.As(err, &at) || at.State != keyring.Unresponsive {
			t.Errorf("who has no time gets %v", err)
		}
		close(k.hang)
		if err := <-first; err != nil {
			t.Errorf("who was called gets %v", err)
		}
		if items, _ := k.list(t.Context()); len(items) != 1 {
			t.Errorf("the keychain holds %q", items)
		}
	})
}

// A person who types a password has longer than a call; whoever came after
// them finds the keychain open.
func TestACallWaitsForThePersonWhoUnlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		state := keyring.Locked
		asked := make(chan struct{})
		store := system.New(system.Options{
			Keychain: newKeychain(),
			Probe: func(ctx context.Context) keyring.Condition {
				mu.Lock()
				defer mu.Unlock()
				return in(state)(ctx)
			},
			Unlock: func(context.Context) error {
				close(asked)
				time.Sleep(time.Minute)
				mu.Lock()
				defer mu.Unlock()
				state = keyring.Ready
				return nil
			},
		})
		opened := make(chan error)
		go func() { opened <- store.Open(t.Context(), secret.Secret{}) }()
		<-asked
		if err := store.Put(t.Context(), "v1/item", secret.New("text")); err != nil {
			t.Errorf("the caller gets %v", err)
		}
		if err := <-opened; err != nil {
			t.Error(err)
		}
	})
}
