package keyring_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
)

var (
	since   = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	revoke  = &keyring.Intent{What: "revoke", Since: since}
	told    = &keyring.Told{Status: "expiring", Days: 3}
	verdict = json.RawMessage(`{"status":"revoked"}`)
	history = []keyring.Change{{At: since, Status: "revoked"}}
)

// noted is what others write down of a grant while it is being changed.
func noted(t *testing.T, ring *keyring.Ring, k keyring.Key) {
	t.Helper()
	err := ring.Note(k, func(g *keyring.Grant) {
		g.Intent, g.Told, g.Repositories = revoke, told, []string{"acme/fleet"}
		g.Verdict, g.History = verdict, history
	})
	if err == nil {
		err = ring.Mute(k.Runtime, true)
	}
	if err != nil {
		t.Error(err)
	}
}

// busy is a store at whose next writing something else happens first.
type busy struct {
	keyring.Store
	first func()
}

func (s *busy) Put(ctx context.Context, item string, value secret.Secret) error {
	if first := s.first; first != nil {
		s.first = nil
		first()
	}
	return s.Store.Put(ctx, item, value)
}

// renamed is a store under the name of another kind.
type renamed struct {
	keyring.Store
	kind keyring.Kind
}

func (s renamed) Kind() keyring.Kind { return s.kind }

// ringOf is a ring with one grant in it, and its store.
func ringOf(t *testing.T) (*keyring.Ring, *busy) {
	t.Helper()
	store := &busy{Store: memory.New()}
	ring, err := keyring.Open(keyring.Options{Dir: quick(t), Store: store})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Save(t.Context(), runtimeGrant, short); err != nil {
		t.Fatal(err)
	}
	return ring, store
}

// listed is the one grant of a ring.
func listed(t *testing.T, ring *keyring.Ring) keyring.Grant {
	t.Helper()
	grants, err := ring.Grants()
	if err != nil || len(grants) != 1 {
		t.Fatalf("the ring lists %v, %v", grants, err)
	}
	return grants[0]
}

// What is about the grant stays with it; what was found out about the token goes
// with the token, of which nothing is left.
func TestWhatIsNotedDuringARefreshIsKept(t *testing.T) {
	for name, meanwhile := range map[string]func(ring *keyring.Ring, store *busy) func(){
		"while the host is asked": func(ring *keyring.Ring, _ *busy) func() { return func() { noted(t, ring, runtimeGrant.Key) } },
		"while the store is writing": func(ring *keyring.Ring, store *busy) func() {
			return func() { store.first = func() { noted(t, ring, runtimeGrant.Key) } }
		},
	} {
		t.Run(name, func(t *testing.T) {
			ring, store := ringOf(t)
			happens := meanwhile(ring, store)
			saved, _, err := ring.Refresh(t.Context(), runtimeGrant.Key, func(g keyring.Grant, _ keyring.Credential) (keyring.Grant, keyring.Credential, error) {
				happens()
				g.ExpiresAt, g.ExpirySource = since.AddDate(0, 0, 30), "oauth"
				return g, long, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			want := runtimeGrant
			want.Intent, want.Told, want.Muted, want.Repositories = revoke, told, true, []string{"acme/fleet"}
			want.ExpiresAt, want.ExpirySource = since.AddDate(0, 0, 30), "oauth"
			want.Store, want.CreatedAt, want.SavedAt, want.Renewable = keyring.Memory, saved.CreatedAt, saved.SavedAt, true
			if diff := cmp.Diff(want, listed(t, ring)); diff != "" {
				t.Errorf("the index (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want, saved); diff != "" {
				t.Errorf("the caller (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARefreshHasTheLastWordOnWhatItChanges(t *testing.T) {
	ring, _ := ringOf(t)
	rotate := &keyring.Intent{What: "rotate", Since: since}
	if err := ring.Note(runtimeGrant.Key, func(g *keyring.Grant) { g.Intent = rotate }); err != nil {
		t.Fatal(err)
	}
	_, _, err := ring.Refresh(t.Context(), runtimeGrant.Key, func(g keyring.Grant, _ keyring.Credential) (keyring.Grant, keyring.Credential, error) {
		noted(t, ring, runtimeGrant.Key)
		g.Intent, g.Repositories = nil, []string{"acme/other"} // it has been seen to its end
		return g, long, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	g := listed(t, ring)
	if g.Intent != nil || !cmp.Equal(g.Repositories, []string{"acme/other"}) || !cmp.Equal(g.Told, told) {
		t.Errorf("the index has %+v", g)
	}
}

func TestWhatIsNotedBeforeARefreshIsSettledIsKept(t *testing.T) {
	p := started(t, newWorld(quick(t)), keyring.System)
	p.saves(t, runtimeGrant, short)
	p.suffer(hungAndDone, 3, func() {
		_, _, err := p.ring.Refresh(t.Context(), runtimeGrant.Key, func(g keyring.Grant, _ keyring.Credential) (keyring.Grant, keyring.Credential, error) {
			return g, keyring.Credential{Access: secret.New("renewed")}, nil
		})
		if !errors.Is(err, keyring.ErrUnknownOutcome) {
			t.Fatalf("it gives %v", err)
		}
	})
	noted(t, p.ring, runtimeGrant.Key)
	p.resume()
	if err := p.ring.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.reads(t, runtimeGrant.Key, keyring.Credential{Access: secret.New("renewed")})
	if g := listed(t, p.ring); !cmp.Equal(g.Intent, revoke) || !cmp.Equal(g.Told, told) || !g.Muted {
		t.Errorf("the index has %+v", g)
	}
}

func TestWhatIsNotedDuringAMoveIsKept(t *testing.T) {
	from, to := memory.New(), &busy{Store: renamed{memory.New(), keyring.Vault}}
	ring, err := keyring.Open(keyring.Options{Dir: quick(t), Store: from, Others: []keyring.Store{to}})
	if err != nil {
		t.Fatal(err)
	}
	saved, err := ring.Save(t.Context(), runtimeGrant, short)
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Use(keyring.Vault); err != nil {
		t.Fatal(err)
	}
	to.first = func() { noted(t, ring, runtimeGrant.Key) }
	if _, err := ring.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := saved
	want.Intent, want.Told, want.Muted, want.Repositories = revoke, told, true, []string{"acme/fleet"}
	want.Verdict, want.History, want.Store = verdict, history, keyring.Vault // it is the same token
	if diff := cmp.Diff(want, listed(t, ring)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARuntimeIsMutedWhileItsTokenIsBeingSaved(t *testing.T) {
	ring, store := ringOf(t)
	store.first = func() { noted(t, ring, runtimeGrant.Key) }
	saved, err := ring.Save(t.Context(), runtimeGrant, long)
	if err != nil {
		t.Fatal(err)
	}
	if !saved.Muted || !listed(t, ring).Muted {
		t.Errorf("the index has %+v, the caller %+v", listed(t, ring), saved)
	}
}
