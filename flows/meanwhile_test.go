package flows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/sandbox"
)

// What another terminal does while somebody makes up their mind, or while a store
// or a host is slow.

// besides is a ring that writes into one store, and in which grants rest in a
// second one, which refuses so many writes.
func besides(t *testing.T, refuses int) (*keyring.Ring, *stubborn) {
	t.Helper()
	box := &stubborn{Store: second{memory.New()}, refuses: refuses}
	ring, err := keyring.Open(keyring.Options{Store: memory.New(), Others: []keyring.Store{box}})
	if err != nil {
		t.Fatal(err)
	}
	return ring, box
}

// aside stores a grant in the second store.
func aside(t *testing.T, ring *keyring.Ring, g keyring.Grant, c keyring.Credential) keyring.Grant {
	t.Helper()
	if err := ring.Use(keyring.Vault); err != nil {
		t.Fatal(err)
	}
	g, err := ring.Save(t.Context(), g, c)
	if err := errors.Join(err, ring.Use(keyring.Memory)); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestARenewedTokenStaysInTheStoreWhereTheOldOneRests(t *testing.T) {
	b, g := newBrief(t, memory.New(), providers.Device)
	ring, box := besides(t, 0)
	b.Ring = ring
	g = aside(t, ring, g, keyring.Credential{Access: secret.New("gho_0"), Refresh: secret.New("ghr_0")})
	for refuses, kept := range map[int]string{1: "gho_1", 9: "gho_1"} {
		box.refuses = refuses
		f, err := b.Fresh(t.Context(), g)
		if err != nil || f.Credential.Token.Reveal() != kept {
			t.Fatalf("after %d refusals: %v, %v", refuses, f.Problem, err)
		}
		if listed, _ := ring.Of("prod"); listed[0].Store != keyring.Vault {
			t.Errorf("after %d refusals it rests in %s", refuses, listed[0].Store)
		}
	}
}

func TestARotationStaysInTheStoreWhereTheTokenRests(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	ring, _ := besides(t, 0)
	lab := storeLab(t, d, "runtime")
	d.Ring = ring
	g := aside(t, ring, lab, keyring.Credential{Access: labToken("runtime")})
	s, err := d.Rotate(t.Context(), g, inAMonth)
	if err != nil || s.Grant.Store != keyring.Vault {
		t.Errorf("it rests in %s: %v", s.Grant.Store, err)
	}
}

// signingIn is a store that refuses a write, and at which somebody signs in anew
// before it is tried again.
type signingIn struct {
	stubborn
	meanwhile func()
}

// Wait implements keyring.Waiter. Who lets go of a grant only looks, and does not
// wait.
func (s *signingIn) Wait(ctx context.Context) error {
	if do := s.meanwhile; do != nil && s.refuses == 0 && ctx.Err() == nil {
		s.meanwhile = nil
		do()
	}
	return nil
}

func TestANewerSignInIsNotReplacedByARenewalOfTheFormerOne(t *testing.T) {
	store := &signingIn{stubborn: stubborn{Store: memory.New()}}
	b, g := newBrief(t, store, providers.Device)
	store.refuses = 1
	store.meanwhile = func() {
		if _, err := b.Ring.Save(t.Context(), g, keyring.Credential{Access: secret.New("gho_anew"), Refresh: secret.New("ghr_anew")}); err != nil {
			t.Error(err)
		}
	}
	f, err := b.Fresh(t.Context(), g)
	if err != nil || store.meanwhile != nil {
		t.Fatal(err)
	}
	if held, err := b.Ring.Credential(t.Context(), g.Key); err != nil || held.Access.Reveal() != "gho_anew" {
		t.Errorf("what was signed in anew is gone: %v, %v", f.Problem, err)
	}
}

func TestATokenThatNobodyAgreedToEndIsNotEnded(t *testing.T) {
	for name, do := range map[string]func(*flows.Desk, keyring.Grant) error{
		"ended":     func(d *flows.Desk, g keyring.Grant) error { return d.End(t.Context(), g) },
		"dismissed": func(d *flows.Desk, g keyring.Grant) error { _, err := d.Dismiss(t.Context(), g); return err },
	} {
		t.Run(name, func(t *testing.T) {
			d, server := labDesk(t, gitlab.Cloud())
			seen := storeLab(t, d, "api-only")
			storeLab(t, d, "runtime") // by another terminal
			before := len(server.Requests())
			if err := do(d, seen); !errors.Is(err, flows.ErrOtherToken) {
				t.Errorf("error is %v", err)
			}
			if held, err := d.Ring.Credential(t.Context(), seen.Key); err != nil || !held.Access.Equal(labToken("runtime")) {
				t.Errorf("the new one is gone: %v", err)
			}
			if asked := len(server.Requests()) - before; asked > 0 {
				t.Errorf("the host was asked %d times", asked)
			}
		})
	}
}

// A renewal is no other sign-in: who saw the token before it may end it.
func TestATokenThatWasRenewedMeanwhileMayBeEnded(t *testing.T) {
	r := newRenewal(t, providers.GitLab, "")
	seen := r.grant
	r.clock.forward(r.life - time.Minute)
	if f, err := r.Fresh(t.Context(), seen); err != nil || f.Grant.SavedAt.Equal(seen.SavedAt) {
		t.Fatalf("it was not renewed: %v, %v", f.Problem, err)
	}
	if err := r.End(t.Context(), seen); err != nil {
		t.Error(err)
	}
}

func TestARuntimeThatWasForgottenMeanwhileDoesNotComeBack(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	g := storeLab(t, d, "runtime")
	twin := keepLab(t, d, keyOf("twin", "runtime", "acme-bot"), "runtime")
	person := &lateral{&renewer{token: "api-only", offers: []string{flows.GiveOthers}}, func() {
		if err := d.Ring.Forget(t.Context(), twin.Key); err != nil {
			t.Fatal(err)
		}
	}}
	c := renew(t, d, g, person)
	if listed, err := d.Ring.Of("twin"); err != nil || len(listed) > 0 {
		t.Errorf("it is here again: %v", err)
	}
	if given := c.Given(); len(given) != 1 || given[0].Stored || !errors.Is(given[0].Err, keyring.ErrNotFound) {
		t.Errorf("given %+v", given)
	}
}

// leaving is a store at which the person leaves while it writes.
type leaving struct {
	keyring.Store
	leave func()
}

func (l *leaving) Put(ctx context.Context, item string, value secret.Secret) error {
	l.leave()
	return l.Store.Put(ctx, item, value)
}

// hearer is a script that notes what was saved.
type hearer struct {
	script
	saved *keyring.Grant
}

func (h *hearer) Tell(c *flows.Conversation, ev flows.Event) {
	if what, ok := ev.What.(flows.Saved); ok {
		h.saved = &what.Grant
	}
	h.script.Tell(c, ev)
}

func TestWhoLeavesDuringASaveHearsWhatBecameOfIt(t *testing.T) {
	d, _ := newDesk(t)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	ring, err := keyring.Open(keyring.Options{Store: &leaving{memory.New(), leave}})
	if err != nil {
		t.Fatal(err)
	}
	d.Ring = ring
	w, err := d.World(true)
	if err != nil {
		t.Fatal(err)
	}
	c, effects, err := flows.Install(w, flows.Answers{Method: providers.PAT})
	if err != nil {
		t.Fatal(err)
	}
	person := &hearer{script: script{t: t, token: sandbox.MustToken("github", "runtime").Text}}
	if err := flows.Drive(ctx, d, c, effects, person); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	if person.saved == nil || c.Outcome().Saved == nil {
		t.Error("nobody was told that it is saved")
	}
	if grants, err := ring.Grants(); err != nil || len(grants) != 1 {
		t.Errorf("%d are saved: %v", len(grants), err)
	}
}

func TestATokenThatIsRenewedOnTheWayIsToldOf(t *testing.T) {
	r := newRenewal(t, providers.GitLab, "")
	if err := r.Ring.Note(r.grant.Key, func(g *keyring.Grant) { g.Told = &keyring.Told{Status: string(flows.Rejected)} }); err != nil {
		t.Fatal(err)
	}
	r.clock.forward(r.life - time.Minute)
	var news []flows.News
	grants, _, err := r.Watch(t.Context(), func(n flows.Notice) error {
		news = append(news, n.News)
		return nil
	})
	if err != nil || len(news) != 1 || news[0] != flows.Works {
		t.Errorf("news %v: %v", news, err)
	}
	if listed, err := r.Ring.Of(r.grant.Runtime); err != nil || !listed[0].SavedAt.Equal(grants[0].SavedAt) {
		t.Errorf("the grant beside the verdict is a former one: %v", err)
	}
}
