package flows_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
)

// brief is a host whose tokens live for a minute, and what it was asked with.
type brief struct {
	*flows.Desk
	clock   *clock
	forms   []url.Values
	refuses bool   // to renew anything
	before  func() // it answers, where that is set
}

func newBrief(t *testing.T, store keyring.Store, method providers.Method) (*brief, keyring.Grant) {
	t.Helper()
	b := &brief{clock: &clock{now: time.Now()}}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/login/oauth/access_token" {
			_ = q.ParseForm()
			b.forms = append(b.forms, q.PostForm)
			if b.before != nil {
				b.before()
			}
			if b.refuses {
				_, _ = io.WriteString(w, `{"error":"bad_refresh_token"}`)
				return
			}
			_, _ = fmt.Fprintf(w, `{"access_token":"gho_%d","refresh_token":"ghr_%d","expires_in":60}`, len(b.forms), len(b.forms))
			return
		}
		w.Header().Set("X-OAuth-Scopes", "repo, admin:repo_hook")
		_, _ = io.WriteString(w, `{"login":"octocat"}`)
	}))
	t.Cleanup(host.Close)
	ring, err := keyring.Open(keyring.Options{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	profiles := fmt.Sprintf("hosts: [{host: github.com, provider: github, web_url: '%s', api_url: '%s', oauth: {client_id: app}}]\n", host.URL, host.URL)
	b.Desk = deskAt(t, []byte(profiles), ring, b.clock)
	if err := ring.SaveHostSecret(t.Context(), "https://github.com", secret.New("hush-hush")); err != nil {
		t.Fatal(err)
	}
	g, err := ring.Save(t.Context(), keyring.Grant{
		Key: keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "octocat"}, Provider: "github", Host: "https://github.com",
		Method: string(method), Kind: "oauth", ClientID: "app", ExpiresAt: b.clock.Now().Add(time.Minute), ExpirySource: "oauth",
	}, keyring.Credential{Access: secret.New("gho_0"), Refresh: secret.New("ghr_0")})
	if err != nil {
		t.Fatal(err)
	}
	return b, g
}

func TestATokenThatLivesForLessThanFiveMinutesIsRenewedOnce(t *testing.T) {
	b, _ := newBrief(t, memory.New(), providers.Device)
	for range 3 {
		if v := statusOf(t, b.Desk); v.Status != flows.Valid {
			t.Fatalf("it is %s: %v", v.Status, v.Cause)
		}
	}
	if len(b.forms) != 1 {
		t.Errorf("it was renewed %d times while the new one lived", len(b.forms))
	}
	b.clock.forward(2 * time.Minute)
	if v := statusOf(t, b.Desk); v.Status != flows.Valid || len(b.forms) != 2 {
		t.Errorf("after its end it is %s, renewed %d times", v.Status, len(b.forms))
	}
}

func TestTheSecretOfAnApplicationIsSentForWhatItWasNeededFor(t *testing.T) {
	for method, want := range map[providers.Method]string{providers.Device: "", providers.Browser: "hush-hush"} {
		t.Run(string(method), func(t *testing.T) {
			b, g := newBrief(t, memory.New(), method)
			if f, err := b.Fresh(t.Context(), g); err != nil || f.Problem != nil {
				t.Fatal(f.Problem, err)
			}
			if got := b.forms[0].Get("client_secret"); got != want || b.forms[0].Has("scope") {
				t.Errorf("asked with %v", b.forms[0])
			}
		})
	}
}

func TestARefusalSaysNothingAboutASignInThatIsNewer(t *testing.T) {
	b, g := newBrief(t, memory.New(), providers.Device)
	b.refuses = true
	// The first two looks at the clock after the question are under the lock of
	// the grant, and the third one on the way into the index.
	looks := 0
	b.Now = func() time.Time {
		if looks++; len(b.forms) > 0 && looks == 3 {
			anew := g
			anew.ExpiresAt = b.clock.Now().Add(8 * time.Hour)
			if _, err := b.Ring.Save(t.Context(), anew, keyring.Credential{Access: secret.New("gho_new"), Refresh: secret.New("ghr_new")}); err != nil {
				t.Error(err)
			}
		}
		return b.clock.Now()
	}
	b.before = func() { looks = 0 }
	f, err := b.Fresh(t.Context(), g)
	if err != nil || f.Problem == nil {
		t.Fatalf("problem %v, %v", f.Problem, err)
	}
	grants, _ := b.Ring.Grants()
	kept, err := b.Ring.Credential(t.Context(), g.Key)
	if v := flows.Remembered(grants[0]); err != nil || kept.Access.Reveal() != "gho_new" || v.Status != flows.Unchecked {
		t.Errorf("looked %d times; the new one is %s, %v", looks, v.Status, err)
	}
}

// stubborn is a store that takes nothing while it is told so.
type stubborn struct {
	keyring.Store
	refuses int // so many writes
}

func (s *stubborn) Put(ctx context.Context, item string, value secret.Secret) error {
	if s.refuses > 0 {
		s.refuses--
		return keyring.Condition{Store: keyring.Memory, State: keyring.Locked}
	}
	return s.Store.Put(ctx, item, value)
}

func TestARenewedTokenThatTheStoreRefusesIsNotLost(t *testing.T) {
	t.Run("at the second try it is kept", func(t *testing.T) {
		store := &stubborn{Store: memory.New()}
		b, g := newBrief(t, store, providers.Device)
		store.refuses = 1
		f, err := b.Fresh(t.Context(), g)
		if err != nil || f.Problem != nil {
			t.Fatal(f.Problem, err)
		}
		if kept, err := b.Ring.Credential(t.Context(), g.Key); err != nil || kept.Access.Reveal() != "gho_1" || len(b.forms) != 1 {
			t.Errorf("%v, %d refreshes", err, len(b.forms))
		}
	})
	t.Run("else it is handed over with a way to save it", func(t *testing.T) {
		store := &stubborn{Store: memory.New()}
		b, g := newBrief(t, store, providers.Device)
		store.refuses = 2
		f, err := b.Fresh(t.Context(), g)
		var unsaved *flows.UnsavedError
		if err != nil || !errors.As(f.Problem, &unsaved) || f.Credential.Token.Reveal() != "gho_1" {
			t.Fatal(f.Problem, err)
		}
		if _, err := unsaved.Again(t.Context()); err != nil {
			t.Fatal(err)
		}
		if kept, err := b.Ring.Credential(t.Context(), g.Key); err != nil || kept.Access.Reveal() != "gho_1" {
			t.Error(err)
		}
	})
}
