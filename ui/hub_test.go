package ui

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/keyring/vault"
	"gitgrant/providers"
	"gitgrant/providers/github"
	"gitgrant/providers/hosts"
	"gitgrant/providers/oauth"
	"gitgrant/providers/wire"
)

// noon is when every test happens.
var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// Tokens of the hub, by what they can do.
const (
	goodToken     = "ghp_GoodGoodGoodGoodGoodGoodGoodGoodGood"
	lackingToken  = "ghp_LackLackLackLackLackLackLackLackLack"
	broadToken    = "ghp_WideWideWideWideWideWideWideWideWide"
	personToken   = "ghp_SelfSelfSelfSelfSelfSelfSelfSelfSelf"
	endingToken   = "ghp_SoonSoonSoonSoonSoonSoonSoonSoonSoon"
	deadToken     = "ghp_DeadDeadDeadDeadDeadDeadDeadDeadDead"
	silentToken   = "ghp_HushHushHushHushHushHushHushHushHush"
	nextToken     = "ghp_nextnextnextnextnextnextnextnextnext"
	finelyToken   = "github_pat_11FINEFINEFINEFINE_FineFineFineFineFineFineFineFine"
	issuedToken   = "gho_IssuedIssuedIssuedIssuedIssuedIssued"
	refusingToken = "ghp_BusyBusyBusyBusyBusyBusyBusyBusyBusy"
)

// hub is a Git host on loopback that says what GitHub would say of the tokens
// above.
type hub struct {
	*httptest.Server

	mu       sync.Mutex
	approved bool
	expired  bool

	rotated func() // is called once a token was replaced; nil calls nobody
	// unrevoked says that github.com has no API for ending a token after all.
	unrevoked bool
}

func newHub(t *testing.T) *hub {
	h := &hub{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/user", h.user)
	mux.HandleFunc("GET /ghes/user", h.user)
	mux.HandleFunc("GET /ghes/meta", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-GitHub-Enterprise-Version", "3.19.1")
		fmt.Fprint(w, `{"installed_version": "3.19.1"}`)
	})
	mux.HandleFunc("POST /api/device/code", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"device_code": "`+deviceCode+`", "user_code": "WDJB-MJHT", "verification_uri": "https://github.com/login/device", "expires_in": 900, "interval": 1}`)
	})
	mux.HandleFunc("POST /api/device/token", h.token)
	mux.HandleFunc("POST /login/oauth/access_token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound) // as for any application that nobody registered
		fmt.Fprint(w, `{"error": "Not Found"}`)
	})
	mux.HandleFunc("POST /api/credentials/revoke", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	h.Server = httptest.NewServer(mux)
	t.Cleanup(h.Close)
	return h
}

func (h *hub) user(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	login, scopes := "acme-bot", "repo, admin:repo_hook"
	switch token {
	case deadToken:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-GitHub-Request-Id", "1")
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"message": "Bad credentials"}`)
		return
	case refusingToken:
		w.WriteHeader(http.StatusBadGateway)
		return
	case silentToken:
		<-r.Context().Done()
		return
	case lackingToken:
		scopes = "repo"
	case broadToken:
		scopes += ", delete_repo, admin:org"
	case personToken, issuedToken:
		login = "octocat"
	case endingToken:
		w.Header().Set("GitHub-Authentication-Token-Expiration", noon.Add(6*24*time.Hour).Format("2006-01-02 15:04:05 UTC"))
	}
	if token != finelyToken {
		w.Header().Set("X-OAuth-Scopes", scopes)
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"login": %q, "type": "User"}`, login)
}

func (h *hub) token(w http.ResponseWriter, _ *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case h.approved:
		fmt.Fprintf(w, `{"access_token": %q, "scope": "repo,admin:repo_hook"}`, issuedToken)
	case h.expired:
		fmt.Fprint(w, `{"error": "expired_token"}`)
	default:
		fmt.Fprint(w, `{"error": "authorization_pending"}`)
	}
}

func (h *hub) approve(string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.approved = true
	return nil
}

func (h *hub) expire() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expired = true
}

// provider is GitHub with its sign-in at the hub. The pages that a person opens
// keep their real addresses, so that frames are the same at every run.
type provider struct {
	*github.Provider
	hub *hub
}

// Device implements providers.Provider.
func (p provider) Device(h providers.Host, scopes []string) oauth.Device {
	d := p.Provider.Device(h, scopes)
	d.CodeURL, d.TokenURL = p.hub.URL+"/api/device/code", p.hub.URL+"/api/device/token"
	d.Now = func() time.Time { return noon }
	d.Sleep = func(ctx context.Context, _ time.Duration) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
			return nil
		}
	}
	return d
}

// Browser implements providers.Provider.
func (p provider) Browser(h providers.Host, scopes []string) oauth.Browser {
	b := p.Provider.Browser(h, scopes)
	b.TokenURL = p.hub.URL + "/login/oauth/access_token"
	return b
}

// newDesk is a desk whose hosts are the hub and whose store is the given one.
func newDesk(t *testing.T, h *hub, store keyring.Store, now func() time.Time) *flows.Desk {
	t.Helper()
	known := []providers.Provider{revoking{provider{github.Cloud().Provider, h}}, rotating{provider{github.Enterprise(), h}}}
	book, err := hosts.Parse("hosts.yaml", fmt.Appendf(nil, `hosts:
  - host: github.com
    provider: github
    api_url: %[1]s/api
    oauth: {client_id: Ov23liGitgrant}
  - host: ghe.acme.example
    provider: github-enterprise
    api_url: %[1]s/ghes
  - host: ghe.closed.example
    provider: github-enterprise
    api_url: %[1]s/ghes
    methods: [oauth]
`, h.URL), known)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Open(keyring.Options{
		Store: store, Others: []keyring.Store{vault.New(vault.Options{Dir: t.TempDir()})}, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	d := &flows.Desk{Providers: known, Hosts: book, Ring: ring, UserAgent: "gitgrant/test", Now: now, Within: flows.DefaultWithin}
	t.Cleanup(d.Close)
	return d
}

// revoking is github.com, which ends tokens.
type revoking struct{ provider }

// Revoke implements providers.Revoker.
func (r revoking) Revoke(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) error {
	if r.hub.unrevoked {
		return providers.ErrNoSuchAPI
	}
	return github.DotCom{Provider: r.Provider}.Revoke(ctx, c, h, cred)
}

// Secrets of these tests that are looked for where they must not be.
const (
	deviceCode        = "Dv4-canary-device~Kk88pp"
	passphrase        = "staple battery mule 7319"
	applicationSecret = "As9-canary-application~Uu55tt"
)

// rotating is a GitHub Enterprise that replaces tokens, as GitLab does.
type rotating struct{ provider }

// Rotate implements providers.Rotator.
func (r rotating) Rotate(_ context.Context, _ *wire.Client, _ providers.Host, _ providers.Credential, until time.Time) (providers.Rotated, error) {
	if r.hub.rotated != nil {
		r.hub.rotated()
	}
	return providers.Rotated{Token: secret.New(nextToken), Expiry: providers.Expiry{At: until, Source: providers.ExpiryProvider}}, nil
}

// stored is a grant with the token that rests behind it. Runtimes whose names
// begin with corp are on ghe.acme.example, all others on github.com.
type stored struct {
	runtime, purpose, account, token string
}

// ringOf puts grants into the ring of a desk.
func ringOf(t *testing.T, d *flows.Desk, grants ...stored) {
	t.Helper()
	for _, s := range grants {
		g := keyring.Grant{
			Key:      keyring.Key{Runtime: s.runtime, Purpose: s.purpose, Account: s.account},
			Provider: "github", Host: "https://github.com", Method: "pat", Kind: "classic-pat",
		}
		if strings.HasPrefix(s.runtime, "corp") {
			g.Provider, g.Host = "github-enterprise", "https://ghe.acme.example"
		}
		if _, err := d.Ring.Save(context.Background(), g, keyring.Credential{Access: secret.New(s.token)}); err != nil {
			t.Fatal(err)
		}
	}
}

// moody is a store in a state of its own, which opens as a vault does.
type moody struct {
	*memory.Store
	mu         sync.Mutex
	condition  keyring.Condition
	passphrase string
	slow       chan struct{} // a save waits for it; nil waits for nothing
	gone       sync.Once
	opening    chan struct{} // opening waits for it; nil waits for nothing
	silent     chan struct{} // until it is closed no call answers in time; nil answers
}

// goOn lets a slow store get on with it.
func (m *moody) goOn() {
	if m.slow != nil {
		m.gone.Do(func() { close(m.slow) })
	}
}

// Kind implements keyring.Store.
func (m *moody) Kind() keyring.Kind { return m.condition.Store }

// Probe implements keyring.Store.
func (m *moody) Probe(context.Context) keyring.Condition {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.condition
}

// lock locks a store that has been used.
func (m *moody) lock() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.condition.State = keyring.Locked
}

// Get implements keyring.Store.
func (m *moody) Get(ctx context.Context, item string) (secret.Secret, error) {
	if at := m.Probe(ctx); at.State == keyring.Locked {
		return secret.Secret{}, at
	}
	return m.Store.Get(ctx, item)
}

// Put implements keyring.Store.
func (m *moody) Put(ctx context.Context, item string, value secret.Secret) error {
	if m.slow != nil {
		<-m.slow
	}
	if m.silent != nil {
		select {
		case <-m.silent:
		default:
			return keyring.ErrUnknownOutcome
		}
	}
	return m.Store.Put(ctx, item, value)
}

// Wait implements keyring.Waiter.
func (m *moody) Wait(ctx context.Context) error {
	if m.silent == nil {
		return nil
	}
	select {
	case <-m.silent:
		return nil
	case <-ctx.Done():
		return keyring.ErrUnknownOutcome
	}
}

// Open implements keyring.Opener.
func (m *moody) Open(_ context.Context, passphrase secret.Secret) error {
	if m.opening != nil {
		<-m.opening
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.condition.State == keyring.Locked && passphrase.Reveal() != m.passphrase {
		m.condition.Wrong = true
		return m.condition
	}
	m.condition.State, m.condition.Wrong = keyring.Ready, false
	return nil
}
