package flows_test

import (
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
)

// together gives the token of the grant to another runtime too.
func (r *renewal) together(runtime string) keyring.Grant {
	r.t.Helper()
	kept, err := r.Ring.Credential(r.t.Context(), r.grant.Key)
	if err != nil {
		r.t.Fatal(err)
	}
	g := r.grant
	g.Runtime = runtime
	if g, err = r.Ring.Save(r.t.Context(), g, kept); err != nil {
		r.t.Fatal(err)
	}
	return g
}

func TestATokenThatSeveralRuntimesUseIsRenewedForAllOfThem(t *testing.T) {
	for kind, client := range ofBoth {
		t.Run(string(kind), func(t *testing.T) {
			r := newRenewal(t, kind, client)
			r.together("lab")
			r.together("stage")
			r.clock.forward(r.life + time.Hour)
			grants, _ := r.Ring.Grants()
			verdicts, err := r.Status(t.Context(), grants, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range verdicts {
				if v.Status != flows.Valid {
					t.Errorf("%s is %s: %v", grants[i].Runtime, v.Status, v.Cause)
				}
			}
			if r.refreshes() != 1 {
				t.Errorf("one token was renewed %d times", r.refreshes())
			}
		})
	}
}

func TestAGrantThatMissedARenewalAdoptsIt(t *testing.T) {
	r := newRenewal(t, providers.GitHub, "always-expires")
	lab := r.together("lab")
	old, err := r.Ring.Credential(t.Context(), lab.Key)
	if err != nil {
		t.Fatal(err)
	}
	r.clock.forward(r.life)
	r.fresh() // of lab, which is the first in the list, and shared with prod
	// As if somebody had died before it was shared.
	spent := r.grant
	if _, err := r.Ring.Save(t.Context(), spent, old); err != nil {
		t.Fatal(err)
	}
	f, err := r.Fresh(t.Context(), spent)
	if err != nil || f.Problem != nil || f.Credential.Token.Equal(old.Access) {
		t.Fatalf("%v, %v", f.Problem, err)
	}
	grants, _ := r.Ring.Grants()
	verdicts, err := r.Status(t.Context(), grants, nil)
	if err != nil || verdicts[0].Status != flows.Valid || verdicts[1].Status != flows.Valid {
		t.Errorf("%+v, %v", verdicts, err)
	}
}

func TestWhoSignedInMeanwhileKeepsTheirOwnToken(t *testing.T) {
	b, g := newBrief(t, memory.New(), providers.Device)
	lab := g
	lab.Runtime = "lab"
	if _, err := b.Ring.Save(t.Context(), lab, keyring.Credential{Access: secret.New("gho_0"), Refresh: secret.New("ghr_0")}); err != nil {
		t.Fatal(err)
	}
	b.before = func() {
		if _, err := b.Ring.Save(t.Context(), lab, keyring.Credential{Access: secret.New("gho_own"), Refresh: secret.New("ghr_own")}); err != nil {
			t.Error(err)
		}
	}
	if f, err := b.Fresh(t.Context(), g); err != nil || f.Problem != nil {
		t.Fatal(f.Problem, err)
	}
	if kept, err := b.Ring.Credential(t.Context(), lab.Key); err != nil || kept.Access.Reveal() != "gho_own" {
		t.Errorf("it was overwritten: %v", err)
	}
}

// second is a store of another kind beside the first.
type second struct{ keyring.Store }

func (second) Kind() keyring.Kind { return keyring.Vault }

func TestATokenThatIsSharedStaysInTheStoreWhereItRests(t *testing.T) {
	b, g := newBrief(t, memory.New(), providers.Device)
	ring, err := keyring.Open(keyring.Options{Store: memory.New(), Others: []keyring.Store{second{memory.New()}}})
	if err != nil {
		t.Fatal(err)
	}
	b.Ring = ring
	for runtime, kind := range map[string]keyring.Kind{"prod": keyring.Memory, "lab": keyring.Vault} {
		if err := ring.Use(kind); err != nil {
			t.Fatal(err)
		}
		g.Runtime = runtime
		if _, err := ring.Save(t.Context(), g, keyring.Credential{Access: secret.New("gho_0"), Refresh: secret.New("ghr_0")}); err != nil {
			t.Fatal(err)
		}
	}
	grants, _ := ring.Of("lab")
	if f, err := b.Fresh(t.Context(), grants[0]); err != nil || f.Problem != nil {
		t.Fatal(f.Problem, err)
	}
	for runtime, kind := range map[string]keyring.Kind{"prod": keyring.Memory, "lab": keyring.Vault} {
		grants, _ := ring.Of(runtime)
		kept, err := ring.Credential(t.Context(), grants[0].Key)
		if err != nil || kept.Access.Reveal() != "gho_1" || grants[0].Store != kind {
			t.Errorf("the token of %s rests in %s, %v", runtime, grants[0].Store, err)
		}
	}
}
