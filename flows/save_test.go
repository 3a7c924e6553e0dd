package flows_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gokeyring "github.com/zalando/go-keyring"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/keyring/system"
)

func TestAStoreThatHasNotAnsweredCanBeWaitedForAndLeftAlone(t *testing.T) {
	unanswered := flows.Failed{Err: keyring.ErrUnknownOutcome}
	k := toScopes(t, world()).hear(found(flows.Valid, "octocat")).say(flows.GoOn).say(flows.SaveIt).hear(unanswered)
	k.say(flows.KeepWaiting)
	if _, ok := k.effects[0].Work.(flows.AwaitStore); !ok || !k.Patient() || k.Saving() {
		t.Fatalf("work is %+v, saving %v", k.effects, k.Saving())
	}
	k.back().at(flows.StepSave).offers(flows.KeepWaiting, flows.SaveAgain, flows.TakeVault, flows.Leave)
	k.say(flows.KeepWaiting).hear(unanswered).offers(flows.KeepWaiting, flows.SaveAgain, flows.TakeVault, flows.Leave)
	k.say(flows.KeepWaiting).hear(flows.StoreAnswered{})
	if w, ok := k.effects[0].Work.(flows.SaveGrant); !ok || !w.Late || w.Credential.Access.Reveal() != "ghp_token" {
		t.Fatalf("once it has answered the work is %+v", k.effects)
	}
	if !k.Saving() {
		t.Error("that is no save")
	}
}

func TestADamagedVaultIsNotAskedForItsPassphrase(t *testing.T) {
	damaged := keyring.Condition{Store: keyring.Vault, State: keyring.Damaged}
	k := begin(t, world(), flows.Answers{}).say("prod").say("github").say("pat").hear(locked)
	k.say(flows.TakeVault).hear(flows.VaultTaken{Condition: damaged}).offers(flows.ProbeAgain, flows.Leave)
	if q := k.Question(); q.Trouble == nil || q.Trouble.State != keyring.Damaged {
		t.Errorf("question is %+v", q)
	}
}

// keychain answers when it is let.
type keychain struct {
	mu    sync.Mutex
	items map[string]string
	hang  chan struct{} // calls wait until it is closed; nil answers at once
	lose  bool          // what hangs is not done in the end
}

func (k *keychain) call(do func()) error {
	k.mu.Lock()
	hang := k.hang
	k.mu.Unlock()
	if hang != nil {
		<-hang
		if k.lose {
			return errors.New("the prompt was dismissed")
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	do()
	return nil
}

func (k *keychain) Set(_, user, password string) error {
	return k.call(func() { k.items[user] = password })
}

func (k *keychain) Get(_, user string) (text string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	text, ok := k.items[user]
	if !ok {
		err = gokeyring.ErrNotFound
	}
	return text, err
}

func (k *keychain) Delete(_, user string) error {
	return k.call(func() { delete(k.items, user) })
}

// unanswered is a desk whose keychain hangs while it is to save a grant.
func unanswered(t *testing.T) (d *flows.Desk, k *keychain, save flows.SaveGrant) {
	t.Helper()
	k = &keychain{items: map[string]string{}, hang: make(chan struct{})}
	store := system.New(system.Options{Keychain: k, Probe: func(context.Context) keyring.Condition {
		return keyring.Condition{Store: keyring.System, State: keyring.Ready}
	}})
	ring, err := keyring.Open(keyring.Options{Store: store, Others: []keyring.Store{memory.New()}})
	if err != nil {
		t.Fatal(err)
	}
	d = &flows.Desk{Ring: ring, Now: time.Now}
	save = flows.SaveGrant{
		Grant:      keyring.Grant{Key: keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"}, Provider: "github", Host: "https://github.com"},
		Credential: keyring.Credential{Access: secret.New("ghp_token")},
	}
	wantUnknown(t, perform(t, d, save))
	return d, k, save
}

func perform(t *testing.T, d *flows.Desk, w flows.Work) any {
	t.Helper()
	var last any
	d.Perform(t.Context(), flows.Effect{Turn: 1, Work: w}, func(ev flows.Event) { last = ev.What })
	return last
}

func wantUnknown(t *testing.T, what any) {
	t.Helper()
	if failed, ok := what.(flows.Failed); !ok || !errors.Is(failed.Err, keyring.ErrUnknownOutcome) {
		t.Fatalf("it came to %+v", what)
	}
}

func TestASaveThatIsAnsweredLateIsTakenForWhatItWas(t *testing.T) {
	for name, lose := range map[string]bool{"it succeeded": false, "it was dismissed": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, k, save := unanswered(t)
				save.Late = true
				wantUnknown(t, perform(t, d, save)) // nobody waits for ever
				wantUnknown(t, perform(t, d, flows.AwaitStore{}))

				k.lose = lose
				go func() {
					time.Sleep(10 * time.Second)
					close(k.hang)
				}()
				if what := perform(t, d, flows.AwaitStore{}); what != (flows.StoreAnswered{}) {
					t.Fatalf("it came to %+v", what)
				}
				k.mu.Lock()
				k.hang = nil
				k.mu.Unlock()
				if what, ok := perform(t, d, save).(flows.Saved); !ok || what.Grant.Key != save.Grant.Key {
					t.Fatalf("it came to %+v", what)
				}
				rests(t, d, keyring.System, save)
			})
		})
	}
}

func TestAPersonWhoDoesNotWaitSavesElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, k, save := unanswered(t)
		d.OpenVault = func() error { return d.Ring.Use(keyring.Memory) }
		if what, ok := perform(t, d, flows.SwitchToVault{}).(flows.VaultTaken); !ok || !what.Condition.Usable() {
			t.Fatalf("it came to %+v", what)
		}
		save.Late = true
		if what, ok := perform(t, d, save).(flows.Saved); !ok || what.Grant.Store != keyring.Memory {
			t.Fatalf("it came to %+v", what)
		}
		close(k.hang)
		if err := d.Ring.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		rests(t, d, keyring.Memory, save)
		if len(k.items) > 0 {
			t.Errorf("the keychain still holds %d items", len(k.items))
		}
	})
}

// rests fails where a grant is not in a store, whole, and nothing is pending.
func rests(t *testing.T, d *flows.Desk, in keyring.Kind, save flows.SaveGrant) {
	t.Helper()
	c, err := d.Ring.Credential(t.Context(), save.Grant.Key)
	if err != nil || !c.Access.Equal(save.Credential.Access) {
		t.Errorf("the credential has %d bytes, %v", c.Access.Len(), err)
	}
	if grants, err := d.Ring.Grants(); err != nil || len(grants) != 1 || grants[0].Store != in {
		t.Errorf("the grants are %+v, %v", grants, err)
	}
	if pending, err := d.Ring.Pending(); err != nil || len(pending) > 0 {
		t.Errorf("pending are %v, %v", pending, err)
	}
}
