package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
)

// Sizes are those at which some keychain is known to fail: around the size of a
// piece, the limits of Windows and macOS, a real pair of tokens, and far above.
var Sizes = []int{0, 1, 1799, 1800, 1801, 2560, 2561, 2971, 5558, 20_000}

// RingOver runs the suite of a Ring over a Store that is ready and empty, and
// leaves it so.
func RingOver(t *testing.T, store keyring.Store) {
	dir := t.TempDir()
	b := bench{dir: dir, store: watch(t, store)}
	t.Run("a credential of any size comes back", b.sizes)
	t.Run("a smaller credential leaves nothing of the larger one", b.shrinking)
	t.Run("a changed account takes the place of the former", b.replacing)
	t.Run("a refreshed pair is there before it is returned", b.refreshing)
	t.Run("the secret of a host is no grant", b.hostSecret)
	t.Run("a piece that is lost makes a credential corrupt, never shorter", b.lostPiece)
	t.Run("a grant that the store has lost is not found", b.lostHead)
	t.Run("what is forgotten is gone, as is what surrounded it", b.forgetting)
}

type bench struct {
	dir   string
	store *watched
}

// ring is opened anew each time, as another process would.
func (b bench) ring(t *testing.T) *keyring.Ring {
	t.Helper()
	ring, err := keyring.Open(keyring.Options{Dir: b.dir, Store: b.store})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func (b bench) save(t *testing.T, g keyring.Grant, c keyring.Credential) keyring.Grant {
	t.Helper()
	saved, err := b.ring(t).Save(t.Context(), g, c)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func (b bench) holds(t *testing.T, k keyring.Key, want keyring.Credential) {
	t.Helper()
	got, err := b.ring(t).Credential(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Access.Equal(want.Access) || !got.Refresh.Equal(want.Refresh) {
		t.Errorf("got %d and %d bytes that differ from the %d and %d saved",
			got.Access.Len(), got.Refresh.Len(), want.Access.Len(), want.Refresh.Len())
	}
}

// forget ends a test: nothing may be left in the store, the index or the journal.
func (b bench) forget(t *testing.T, keys ...keyring.Key) {
	t.Helper()
	ring := b.ring(t)
	if err := ring.Forget(t.Context(), keys...); err != nil {
		t.Fatal(err)
	}
	report, err := ring.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(keyring.Report{}, report); diff != "" {
		t.Errorf("after forgetting (-want +got):\n%s", diff)
	}
	if pending, err := ring.Pending(); err != nil || len(pending) > 0 {
		t.Errorf("still pending: %v, %v", pending, err)
	}
}

// Grant is a grant to test with.
func Grant(runtime, purpose, account string) keyring.Grant {
	return keyring.Grant{
		Key:      keyring.Key{Runtime: runtime, Purpose: purpose, Account: account},
		Provider: "github", Host: "https://github.com", Method: "pat", Kind: "classic-pat",
	}
}

// Pair is a credential of two tokens of the given sizes.
func Pair(access, refresh int) keyring.Credential {
	return keyring.Credential{Access: secret.New(printable(access)), Refresh: secret.New(printable(refresh))}
}

func (b bench) sizes(t *testing.T) {
	var keys []keyring.Key
	for i, size := range Sizes {
		other := Sizes[len(Sizes)-1-i]
		g := Grant(fmt.Sprintf("sized-%d", size), "runtime", "acme-bot")
		c := Pair(size, other)
		b.save(t, g, c)
		b.holds(t, g.Key, c)
		keys = append(keys, g.Key)
	}
	index, err := os.ReadFile(filepath.Join(b.dir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(index), printable(16)) {
		t.Error("a token stands in the index")
	}
	b.forget(t, keys...)
}

func (b bench) shrinking(t *testing.T) {
	g := Grant("prod", "runtime", "acme-bot")
	for _, sizes := range [][2]int{{40, 0}, {6000, 2000}, {20_000, 0}, {40, 40}, {1801, 1801}} {
		c := Pair(sizes[0], sizes[1])
		b.save(t, g, c)
		b.holds(t, g.Key, c)
	}
	report, err := b.ring(t).Inspect(t.Context())
	if err != nil || len(report.Strays) > 0 {
		t.Errorf("left behind: %v, %v", report.Strays, err)
	}
	b.forget(t, g.Key)
}

func (b bench) replacing(t *testing.T) {
	former, latter := Grant("prod", "runtime", "person"), Grant("prod", "runtime", "acme-bot")
	b.save(t, former, Pair(2000, 0))
	if _, err := b.ring(t).Replace(t.Context(), former.Key, latter, Pair(40, 0)); err != nil {
		t.Fatal(err)
	}
	grants, err := b.ring(t).Of("prod")
	if err != nil || len(grants) != 1 || grants[0].Account != "acme-bot" {
		t.Errorf("the index names %v, %v", grants, err)
	}
	b.holds(t, latter.Key, Pair(40, 0))
	b.forget(t, latter.Key)
}

func (b bench) refreshing(t *testing.T) {
	g := Grant("prod", "user", "ada")
	b.save(t, g, Pair(3000, 500))
	next := Pair(2999, 501)
	_, c, err := b.ring(t).Refresh(t.Context(), g.Key, func(g keyring.Grant, old keyring.Credential) (keyring.Grant, keyring.Credential, error) {
		if !old.Refresh.Equal(Pair(0, 500).Refresh) {
			t.Error("renew was not given the refresh token that was saved")
		}
		g.Kind = "oauth"
		return g, next, nil
	})
	if err != nil || !c.Access.Equal(next.Access) {
		t.Fatalf("got %d bytes, %v", c.Access.Len(), err)
	}
	b.holds(t, g.Key, next)
	grants, err := b.ring(t).Of("prod")
	if err != nil || len(grants) != 1 || grants[0].Kind != "oauth" {
		t.Errorf("the index says %v, %v", grants, err)
	}
	b.forget(t, g.Key)
}

func (b bench) hostSecret(t *testing.T) {
	const host = "https://git.acme.example"
	ring := b.ring(t)
	if err := ring.SaveHostSecret(t.Context(), host, secret.New("consumer-secret")); err != nil {
		t.Fatal(err)
	}
	got, err := b.ring(t).HostSecret(t.Context(), host)
	if err != nil || got.Reveal() != "consumer-secret" {
		t.Errorf("got %d bytes, %v", got.Len(), err)
	}
	if grants, err := ring.Grants(); err != nil || len(grants) > 0 {
		t.Errorf("listed as %v, %v", grants, err)
	}
	if err := ring.ForgetHostSecret(t.Context(), host); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.HostSecret(t.Context(), host); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("after forgetting it: %v", err)
	}
}

func (b bench) lostPiece(t *testing.T) {
	g := Grant("prod", "runtime", "acme-bot")
	b.save(t, g, Pair(5558, 0))
	b.store.remove(t, func(item string) bool { return strings.HasSuffix(item, "/access/1") })
	if c, err := b.ring(t).Credential(t.Context(), g.Key); !errors.Is(err, keyring.ErrCorrupt) {
		t.Errorf("got %d bytes, %v", c.Access.Len(), err)
	}
	b.forget(t, g.Key)
}

func (b bench) lostHead(t *testing.T) {
	g := Grant("prod", "runtime", "acme-bot")
	b.save(t, g, Pair(40, 0))
	b.store.remove(t, func(item string) bool { return strings.Count(item, "/") == 1 })
	if _, err := b.ring(t).Credential(t.Context(), g.Key); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	report, err := b.ring(t).Inspect(t.Context())
	if err != nil || len(report.Missing) != 1 || report.Missing[0] != g.Key {
		t.Errorf("reported %v, %v", report.Missing, err)
	}
	b.forget(t, g.Key)
}

func (b bench) forgetting(t *testing.T) {
	kept, dropped := Grant("prod", "runtime", "acme-bot"), Grant("prod", "user", "ada")
	b.save(t, kept, Pair(2000, 40))
	b.save(t, dropped, Pair(2000, 40))
	b.forget(t, dropped.Key)
	if _, err := b.ring(t).Credential(t.Context(), dropped.Key); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("what was forgotten: %v", err)
	}
	b.holds(t, kept.Key, Pair(2000, 40))
	b.forget(t, kept.Key)
}

// watched is a Store of which every item is held against the limits that the
// ring promises, and which knows the names that were put.
type watched struct {
	keyring.Store
	t     *testing.T
	items map[string]bool
}

func watch(t *testing.T, store keyring.Store) *watched {
	return &watched{Store: store, t: t, items: map[string]bool{}}
}

var itemName = regexp.MustCompile(`^v1/[0-9a-f]{32}(/[0-9]+/(access|refresh)/[0-9]+)?$`)

func (w *watched) Put(ctx context.Context, item string, value secret.Secret) error {
	if !itemName.MatchString(item) || !value.Sendable() || value.Len() > 1800 {
		w.t.Errorf("item %q of %d bytes is not what a keychain takes", item, value.Len())
	}
	w.items[item] = true
	return w.Store.Put(ctx, item, value)
}

func (w *watched) Delete(ctx context.Context, item string) error {
	delete(w.items, item)
	return w.Store.Delete(ctx, item)
}

func (w *watched) Items(ctx context.Context) ([]string, error) {
	if lister, ok := w.Store.(keyring.Lister); ok {
		return lister.Items(ctx)
	}
	return nil, errors.ErrUnsupported
}

// remove deletes an item behind the back of the ring.
func (w *watched) remove(t *testing.T, which func(item string) bool) {
	t.Helper()
	for item := range w.items {
		if which(item) {
			if err := w.Store.Delete(t.Context(), item); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("there is no such item")
}
