package keyring_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/keyring/storetest"
)

var (
	runtimeGrant = storetest.Grant("prod", "runtime", "acme-bot")
	userGrant    = storetest.Grant("prod", "user", "ada")
	short        = storetest.Pair(40, 0)
	long         = storetest.Pair(3000, 40)
)

func started(t *testing.T, w *world, writesTo keyring.Kind) *process {
	t.Helper()
	p, err := w.start(writesTo)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *process) saves(t *testing.T, g keyring.Grant, c keyring.Credential) keyring.Grant {
	t.Helper()
	saved, err := p.ring.Save(t.Context(), g, c)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func (p *process) reads(t *testing.T, k keyring.Key, want keyring.Credential) {
	t.Helper()
	got, err := p.ring.Credential(t.Context(), k)
	if err != nil || value(got) != value(want) {
		t.Errorf("%v is %d bytes, %v; want %d bytes", k, got.Access.Len(), err, want.Access.Len())
	}
	if got, err := p.readsAsOneOfMany(t, k); err != nil || value(got) != value(want) {
		t.Errorf("%v, read as one of many, is %d bytes, %v; want %d bytes", k, got.Access.Len(), err, want.Access.Len())
	}
}

func (p *process) readsAsOneOfMany(t *testing.T, k keyring.Key) (keyring.Credential, error) {
	t.Helper()
	reading, err := p.ring.Read()
	if err != nil {
		t.Fatal(err)
	}
	return reading.Credential(t.Context(), k)
}

func (p *process) misses(t *testing.T, k keyring.Key, want error) {
	t.Helper()
	if got, err := p.ring.Credential(t.Context(), k); !errors.Is(err, want) {
		t.Errorf("%v is %d bytes, %v; want %v", k, got.Access.Len(), err, want)
	}
	if got, err := p.readsAsOneOfMany(t, k); !errors.Is(err, want) {
		t.Errorf("%v, read as one of many, is %d bytes, %v; want %v", k, got.Access.Len(), err, want)
	}
}

func TestGrantsAreListedByRuntimePurposeAndAccount(t *testing.T) {
	ring, err := keyring.Open(keyring.Options{Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	if grants, err := ring.Grants(); err != nil || grants == nil || len(grants) != 0 {
		t.Errorf("an empty ring lists %v, %v", grants, err)
	}
	want := []keyring.Key{
		{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"},
		{Runtime: "prod", Purpose: "user", Account: "ada"},
		{Runtime: "prod", Purpose: "user", Account: "bob"},
		{Runtime: "stage", Purpose: "runtime", Account: "acme-bot"},
	}
	for _, i := range []int{3, 1, 0, 2} {
		k := want[i]
		if _, err := ring.Save(t.Context(), storetest.Grant(k.Runtime, k.Purpose, k.Account), short); err != nil {
			t.Fatal(err)
		}
	}
	grants, err := ring.Grants()
	if err != nil {
		t.Fatal(err)
	}
	var got []keyring.Key
	for _, g := range grants {
		got = append(got, g.Key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNotingAFactMovesNothing(t *testing.T) {
	w := newWorld(t.TempDir())
	p := started(t, w, keyring.System)
	saved := p.saves(t, runtimeGrant, short)
	err := p.ring.Note(saved.Key, func(g *keyring.Grant) {
		g.Kind = "fine-grained-pat"
		g.Verdict = json.RawMessage(`{"status": "valid"}`)
		g.Host, g.Provider, g.Account, g.Store = "https://evil.example", "gitlab", "eve", keyring.Vault
	})
	if err != nil {
		t.Fatal(err)
	}
	want := saved
	want.Kind, want.Verdict = "fine-grained-pat", json.RawMessage(`{"status":"valid"}`)
	grants, err := started(t, w, keyring.System).ring.Grants()
	if diff := cmp.Diff([]keyring.Grant{want}, grants); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	p.reads(t, saved.Key, short)
	if err := p.ring.Note(userGrant.Key, func(*keyring.Grant) {}); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("noting what is not there gives %v", err)
	}
}

func TestSavingAgainKeepsTheDayOfTheFirst(t *testing.T) {
	p := started(t, newWorld(t.TempDir()), keyring.System)
	first := p.saves(t, runtimeGrant, short)
	second := p.saves(t, runtimeGrant, long)
	if !second.CreatedAt.Equal(first.CreatedAt) || !second.SavedAt.After(first.SavedAt) {
		t.Errorf("created %v then %v, saved %v then %v", first.CreatedAt, second.CreatedAt, first.SavedAt, second.SavedAt)
	}
}

func TestAFailedSaveIsSettledAtOnce(t *testing.T) {
	for f, landed := range map[fault]bool{refused: false, lied: true} {
		t.Run(string(f), func(t *testing.T) {
			p := started(t, newWorld(t.TempDir()), keyring.System)
			p.saves(t, runtimeGrant, short)
			p.suffer(f, 6, func() { // 1 reads the head, 2 to 5 write the pieces
				if _, err := p.ring.Save(t.Context(), runtimeGrant, long); (err == nil) != landed {
					t.Errorf("got %v", err)
				}
			})
			if pending, err := p.ring.Pending(); err != nil || len(pending) > 0 {
				t.Errorf("pending are %v, %v", pending, err)
			}
			whole(t, p)
			if landed {
				p.reads(t, runtimeGrant.Key, long)
			} else {
				p.reads(t, runtimeGrant.Key, short)
			}
		})
	}
}

func TestAGrantInAStoreThatIsNotGivenNamesThatStore(t *testing.T) {
	dir := t.TempDir()
	p := started(t, newWorld(dir), keyring.Vault)
	p.saves(t, runtimeGrant, short)
	ring, err := keyring.Open(keyring.Options{Dir: dir, Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	var at keyring.Condition
	if _, err := ring.Credential(t.Context(), runtimeGrant.Key); !errors.As(err, &at) || at.Store != keyring.Vault || at.Usable() {
		t.Errorf("got %v", err)
	}
	if err := ring.Forget(t.Context(), runtimeGrant.Key); !errors.As(err, &at) || at.Store != keyring.Vault {
		t.Errorf("forgetting it gives %v", err)
	}
	p.reads(t, runtimeGrant.Key, short)
}

func TestAMigrationMovesAllOrNothing(t *testing.T) {
	t.Run("all", func(t *testing.T) {
		w := newWorld(t.TempDir())
		from, to := started(t, w, keyring.System), started(t, w, keyring.Vault)
		from.saves(t, runtimeGrant, long)
		from.saves(t, userGrant, short)
		if err := from.ring.SaveHostSecret(t.Context(), "https://github.com", secret.New("s")); err != nil {
			t.Fatal(err)
		}
		done, err := to.ring.Migrate(t.Context())
		if err != nil || len(done.Moved) != 3 || len(done.Left) != 0 {
			t.Fatalf("%+v, %v", done, err)
		}
		if left := w.items[keyring.System]; len(left) > 0 {
			t.Errorf("the keychain still has %d items", len(left))
		}
		to.reads(t, runtimeGrant.Key, long)
		to.reads(t, userGrant.Key, short)
		grants, err := to.ring.Grants()
		if err != nil || slices.ContainsFunc(grants, func(g keyring.Grant) bool { return g.Store != keyring.Vault }) {
			t.Errorf("the index says %v, %v", grants, err)
		}
		if done, err := to.ring.Migrate(t.Context()); err != nil || done.Moved != nil {
			t.Errorf("moving again moves %v, %v", done.Moved, err)
		}
	})
	t.Run("nothing, where the new store fails half way", func(t *testing.T) {
		w := newWorld(t.TempDir())
		from, to := started(t, w, keyring.System), started(t, w, keyring.Vault)
		from.saves(t, runtimeGrant, long)
		from.saves(t, userGrant, long)
		to.suffer(refused, 14, func() {
			if _, err := to.ring.Migrate(t.Context()); err == nil {
				t.Error("it succeeded")
			}
		})
		if left := w.items[keyring.Vault]; len(left) > 0 {
			t.Errorf("the vault has %d items", len(left))
		}
		from.reads(t, runtimeGrant.Key, long)
		from.reads(t, userGrant.Key, long)
	})
	t.Run("what the old store has lost is left", func(t *testing.T) {
		w := newWorld(t.TempDir())
		from, to := started(t, w, keyring.System), started(t, w, keyring.Vault)
		from.saves(t, runtimeGrant, short)
		clear(w.items[keyring.System])
		from.saves(t, userGrant, short)
		done, err := to.ring.Migrate(t.Context())
		want := keyring.Migration{Moved: []keyring.Key{userGrant.Key}, Left: []keyring.Key{runtimeGrant.Key}}
		if diff := cmp.Diff(want, done); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

func TestALockedStoreForgetsNothing(t *testing.T) {
	w := newWorld(t.TempDir())
	p := started(t, w, keyring.System)
	p.saves(t, runtimeGrant, long)
	w.locked[keyring.System] = true
	var at keyring.Condition
	if err := p.ring.Forget(t.Context(), runtimeGrant.Key); !errors.As(err, &at) || at.State != keyring.Locked {
		t.Errorf("got %v", err)
	}
	w.locked[keyring.System] = false
	p.reads(t, runtimeGrant.Key, long)
}

func TestASaveIntoAnotherStoreEmptiesTheFormerOnceItOpens(t *testing.T) {
	w := newWorld(t.TempDir())
	started(t, w, keyring.System).saves(t, runtimeGrant, long)
	w.locked[keyring.System] = true
	p := started(t, w, keyring.Vault)
	p.saves(t, runtimeGrant, short)
	p.reads(t, runtimeGrant.Key, short)
	if pending, err := p.ring.Pending(); err != nil || !slices.Equal(pending, []keyring.Key{runtimeGrant.Key}) {
		t.Errorf("pending are %v, %v", pending, err)
	}
	w.locked[keyring.System] = false
	if err := p.ring.Settle(t.Context()); err != nil || len(w.items[keyring.System]) > 0 {
		t.Errorf("%d items are left, %v", len(w.items[keyring.System]), err)
	}
	p.reads(t, runtimeGrant.Key, short)
}

// A replacement was begun and its store can no longer be asked. What is decided
// meanwhile about one of the two grants must not decide about the other.
func TestAPendingReplacementDoesNotOutliveADecision(t *testing.T) {
	pending := func(t *testing.T, landed fault) (*world, *process) {
		w := newWorld(t.TempDir())
		p := started(t, w, keyring.System)
		p.saves(t, runtimeGrant, long)
		p.suffer(landed, 2, func() { // 1 reads the head, 2 writes it
			_, _ = p.ring.Replace(t.Context(), runtimeGrant.Key, userGrant, short)
		})
		w.locked[keyring.System] = true
		return w, started(t, w, keyring.Vault)
	}
	for _, landed := range []fault{killedBefore, killedAfter} {
		t.Run("the new one is forgotten: "+string(landed), func(t *testing.T) {
			w, p := pending(t, landed)
			if err := p.ring.Forget(t.Context(), userGrant.Key); err != nil {
				t.Fatal(err)
			}
			w.locked[keyring.System] = false
			p.misses(t, userGrant.Key, keyring.ErrNotFound)
			p.reads(t, runtimeGrant.Key, long)
			whole(t, p)
		})
		t.Run("the old one is saved elsewhere: "+string(landed), func(t *testing.T) {
			w, p := pending(t, landed)
			p.saves(t, runtimeGrant, short)
			w.locked[keyring.System] = false
			whole(t, p)
			p.reads(t, runtimeGrant.Key, short)
			if landed == killedAfter {
				p.reads(t, userGrant.Key, short)
			} else {
				p.misses(t, userGrant.Key, keyring.ErrNotFound)
			}
		})
	}
}

// whole settles, and finds index and stores in agreement.
func whole(t *testing.T, p *process) {
	t.Helper()
	report, err := p.ring.Inspect(t.Context())
	if diff := cmp.Diff(keyring.Report{}, report); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if pending, err := p.ring.Pending(); err != nil || len(pending) > 0 {
		t.Errorf("pending are %v, %v", pending, err)
	}
}

func TestAKeychainThatWasRolledBackIsEmptiedToo(t *testing.T) {
	w := newWorld(t.TempDir())
	p := started(t, w, keyring.System)
	p.saves(t, runtimeGrant, long)
	former := maps.Clone(w.items[keyring.System])
	p.saves(t, runtimeGrant, long)
	w.items[keyring.System] = former
	if err := p.ring.Forget(t.Context(), runtimeGrant.Key); err != nil {
		t.Fatal(err)
	}
	if len(former) > 0 {
		t.Errorf("%d items are left", len(former))
	}
}

func TestForgettingWhatIsNotThereIsNoError(t *testing.T) {
	p := started(t, newWorld(t.TempDir()), keyring.System)
	if err := p.ring.Forget(t.Context(), runtimeGrant.Key); err != nil {
		t.Error(err)
	}
	whole(t, p)
}

func TestStraysAreReportedAndDeletedOnRequestAlone(t *testing.T) {
	w := newWorld(t.TempDir())
	p := started(t, w, keyring.System)
	p.saves(t, runtimeGrant, long)
	stray := keyring.Stray{Store: keyring.System, Item: "v1/0123456789abcdef0123456789abcdef"}
	w.items[keyring.System][stray.Item] = secret.New("gt1:")
	w.items[keyring.System]["of-another-program"] = secret.New("x")
	report, err := p.ring.Inspect(t.Context())
	if err != nil || !slices.Equal(report.Strays, []keyring.Stray{stray}) {
		t.Fatalf("%v, %v", report.Strays, err)
	}
	if err := p.ring.Discard(t.Context(), report.Strays...); err != nil {
		t.Fatal(err)
	}
	whole(t, p)
	p.reads(t, runtimeGrant.Key, long)
}

func TestNothingIsSaidOfAStoreThatIsLocked(t *testing.T) {
	w := newWorld(t.TempDir())
	p := started(t, w, keyring.System)
	p.saves(t, runtimeGrant, long)
	clear(w.items[keyring.System])
	w.locked[keyring.System] = true
	report, err := p.ring.Inspect(t.Context())
	want := keyring.Report{Unasked: []keyring.Condition{{Store: keyring.System, State: keyring.Locked}}}
	if diff := cmp.Diff(want, report); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
