package github_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/github"
	"gitgrant/providers/hosts"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/sandbox/ghspec"
	"gitgrant/providers/wire"
)

var both = []providers.Provider{github.Cloud(), github.Enterprise()}

// place is a sandbox with a clock that only moves while somebody sleeps.
type place struct {
	*sandbox.Sandbox
	book *hosts.Book

	mu   sync.Mutex
	time time.Time
}

func (p *place) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.time
}

func (p *place) wait(pause time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.time = p.time.Add(pause)
}

func newPlace(t *testing.T, wrap func(http.Handler) http.Handler) *place {
	t.Helper()
	p := &place{time: time.Now().Truncate(time.Second)}
	p.Sandbox = sandbox.New(sandbox.Options{Now: p.now})
	server := httptest.NewServer(wrap(p.Handler()))
	t.Cleanup(server.Close)
	book, err := hosts.Parse("hosts.yaml", p.HostsYAML(server.URL), both)
	if err != nil {
		t.Fatal(err)
	}
	p.book = book
	return p
}

func plain(h http.Handler) http.Handler { return h }

// reach finds the host of a provider, as a person would who names none.
func (p *place) reach(t *testing.T, provider providers.Provider) (providers.Host, *wire.Client) {
	t.Helper()
	var named string
	if only, ok := p.book.Only(provider.Kind()); ok {
		named = only.URL
	}
	h, err := p.book.Resolve(provider, named)
	if err != nil {
		t.Fatal(err)
	}
	c, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{h.WebURL, h.APIURL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return h, c
}

// checkRequests holds what was asked against what may be asked at all.
func (p *place) checkRequests(t *testing.T, host string) {
	t.Helper()
	for _, r := range p.Requests() {
		if r.Method != http.MethodGet || r.TokenInURL || r.Host != host || strings.Contains(r.Path, "elsewhere") {
			t.Errorf("%+v", r)
		}
	}
}

// found is what the sandbox's tokens turn out to be: a kind, and how the
// requirements of a runtime stand; or the cause why it cannot be said.
type found struct {
	kind     providers.TokenKind
	repo     providers.State
	webhooks providers.State
	excess   []string
	days     int // until the end that the host tells
	cause    cause.Kind
}

var tokens = map[string]found{
	"runtime":        {kind: providers.ClassicPAT, repo: providers.Granted, webhooks: providers.Granted},
	"user":           {kind: providers.ClassicPAT, repo: providers.Granted, webhooks: providers.Missing},
	"person-runtime": {kind: providers.ClassicPAT, repo: providers.Granted, webhooks: providers.Granted},
	"oauth":          {kind: providers.OAuthToken, repo: providers.Granted, webhooks: providers.Granted},
	"too-broad": {
		kind: providers.ClassicPAT, repo: providers.Granted, webhooks: providers.Granted,
		excess: []string{"admin:org", "delete_repo", "user", "workflow"},
	},

	"no-webhooks":          {kind: providers.ClassicPAT, repo: providers.Granted, webhooks: providers.Missing},
	"public-only":          {kind: providers.ClassicPAT, repo: providers.Missing, webhooks: providers.Missing},
	"no-scopes":            {kind: providers.ClassicPAT, repo: providers.Missing, webhooks: providers.Missing},
	"fine-grained":         {kind: providers.FineGrainedPAT, repo: providers.Unverifiable, webhooks: providers.Unverifiable},
	"fine-grained-read":    {kind: providers.FineGrainedPAT, repo: providers.Unverifiable, webhooks: providers.Unverifiable},
	"fine-grained-pending": {kind: providers.FineGrainedPAT, repo: providers.Unverifiable, webhooks: providers.Unverifiable},
	"app-user":             {kind: providers.UnknownKind, repo: providers.Unverifiable, webhooks: providers.Unverifiable},

	"expires-in-90-days": {kind: providers.ClassicPAT, repo: providers.Granted, webhooks: providers.Granted, days: 90},
	"expires-in-7-days":  {kind: providers.ClassicPAT, repo: providers.Granted, webhooks: providers.Granted, days: 7},
	"expires-in-5-days":  {kind: providers.ClassicPAT, repo: providers.Granted, webhooks: providers.Granted, days: 5},
	"expiry-unreadable":  {kind: providers.ClassicPAT, repo: providers.Granted, webhooks: providers.Granted},
	"expired":            {cause: cause.Rejected},
	"revoked":            {cause: cause.Rejected},

	"sso":                   {cause: cause.SSO},
	"sso-repository":        {kind: providers.ClassicPAT, repo: providers.Granted, webhooks: providers.Granted},
	"sso-partial":           {kind: providers.ClassicPAT, repo: providers.Granted, webhooks: providers.Granted},
	"restricted":            {cause: cause.Restricted},
	"restricted-repository": {kind: providers.OAuthToken, repo: providers.Granted, webhooks: providers.Granted},
	"classic-forbidden":     {cause: cause.Restricted},
	"failed-logins":         {cause: cause.FailedLogins},

	"rate-limit-403":       {cause: cause.RateLimited},
	"rate-limit-429":       {cause: cause.RateLimited},
	"secondary-limit":      {cause: cause.RateLimited},
	"secondary-limit-429":  {cause: cause.RateLimited},
	"secondary-limit-bare": {cause: cause.RateLimited},

	"error-500":    {cause: cause.ServerError},
	"error-502":    {cause: cause.ServerError},
	"error-503":    {cause: cause.ServerError},
	"html":         {cause: cause.NotUnderstood},
	"empty":        {cause: cause.NotUnderstood},
	"invalid-json": {cause: cause.NotUnderstood},
	"wrong-shape":  {cause: cause.NotUnderstood},
	"wrong-type":   {kind: providers.ClassicPAT, repo: providers.Granted, webhooks: providers.Granted},
	"large":        {cause: cause.TooLarge},
	"endless":      {cause: cause.TooLarge},
	"gzip-bomb":    {cause: cause.TooLarge},
	"slow":         {cause: cause.NoAnswer},
	"silent":       {cause: cause.NoAnswer},
	"dropped":      {cause: cause.Broken},
	"redirect-302": {cause: cause.Redirected},
	"redirect-307": {cause: cause.Redirected},

	"hostile-login": {kind: providers.ClassicPAT, repo: providers.Granted, webhooks: providers.Granted},
	"hostile-error": {cause: cause.Restricted},
}

func TestEveryTokenOfTheSandboxIsFoundOut(t *testing.T) {
	for _, provider := range both {
		p := newPlace(t, plain)
		h, c := p.reach(t, provider)
		for _, named := range sandbox.Tokens() {
			if named.Provider != string(provider.Kind()) {
				continue
			}
			t.Run(named.Provider+" "+named.Name, func(t *testing.T) {
				want, listed := tokens[named.Name]
				if !listed {
					t.Fatal("nobody has said what it is")
				}
				ctx := t.Context()
				if want.cause == cause.NoAnswer {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, time.Second)
					defer cancel()
				}
				in, err := provider.Inspect(ctx, c, h, cred(named.Text, providers.PAT))
				if want.cause != "" {
					var got cause.Cause
					if !errors.As(err, &got) || got.Kind != want.cause || got.Host == "" {
						t.Errorf("error is %v, want %s", err, want.cause)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				got := found{kind: in.Kind, excess: providers.PolicyOf(h.Provider).Excess(providers.Runtime, in)}
				for _, f := range providers.PolicyOf(h.Provider).Hold(providers.Runtime, in, nil) {
					switch f.Name {
					case "repo":
						got.repo = f.State
					case "admin:repo_hook":
						got.webhooks = f.State
					}
				}
				if in.Expiry.Source == providers.ExpiryProvider {
					got.days = int(in.Expiry.At.Sub(p.now()) / (24 * time.Hour))
				}
				if diff := cmp.Diff(want, got, cmp.AllowUnexported(found{})); diff != "" {
					t.Error(diff)
				}
				if in.Account.Login != wire.Clean(in.Account.Login) || in.Account.Login == "" {
					t.Errorf("login is %q", in.Account.Login)
				}
			})
		}
		p.checkRequests(t, nameOf(h))
	}
}

func TestTheLinkOfSingleSignOnCanBeOpened(t *testing.T) {
	p := newPlace(t, plain)
	h, c := p.reach(t, github.Cloud())
	_, err := github.Cloud().Inspect(t.Context(), c, h, cred(sandbox.MustToken("github", "sso").Text, providers.PAT))
	if why := cause.Of(err); !strings.HasPrefix(why.URL, h.WebURL+"/") {
		t.Errorf("the link is %q", why.URL)
	}
}

func TestARepositoryIsProvenByProbesAlone(t *testing.T) {
	const granted, missing, open = providers.Granted, providers.Missing, providers.Unverifiable
	p := newPlace(t, plain)
	h, c := p.reach(t, github.Cloud())
	for _, test := range []struct {
		token, repository     string
		clone, push, webhooks providers.State
		err                   cause.Kind
	}{
		{"runtime", "acme/app", granted, granted, granted, ""},
		{"oauth", "acme/app", granted, granted, granted, ""},
		{"no-webhooks", "acme/app", granted, granted, granted, ""}, // GitHub lets repo read them
		{"user", "acme/app", granted, granted, missing, ""},
		{"public-only", "acme/app", missing, missing, missing, ""},
		{"no-scopes", "acme/app", missing, missing, missing, ""},
		{"runtime", "acme/readonly", granted, missing, missing, ""},
		{"runtime", "acme/archived", granted, missing, granted, ""},
		{"runtime", "acme/hidden", missing, missing, missing, ""},
		{"runtime", "acme/absent", missing, missing, missing, ""},
		{"no-scopes", "acme/public", granted, missing, missing, ""},
		{"fine-grained", "acme/app", granted, granted, open, ""},
		{"fine-grained-read", "acme/app", granted, missing, missing, ""},
		{"fine-grained-pending", "acme/app", missing, missing, missing, ""},
		{"app-user", "acme/app", granted, granted, missing, ""},

		{"revoked", "acme/app", "", "", "", cause.Rejected},
		{"sso-repository", "acme/app", "", "", "", cause.SSO},
		{"restricted-repository", "acme/app", "", "", "", cause.Restricted},
		{"rate-limit-403", "acme/app", "", "", "", cause.RateLimited},
		{"error-502", "acme/app", "", "", "", cause.ServerError},
		{"html", "acme/app", "", "", "", cause.NotUnderstood},
		{"redirect-307", "acme/app", "", "", "", cause.Redirected},
		{"runtime", "acme/renamed", "", "", "", cause.Redirected},
	} {
		t.Run(test.token+" at "+test.repository, func(t *testing.T) {
			credential := cred(sandbox.MustToken("github", test.token).Text, providers.PAT)
			question := providers.Question{Repository: test.repository, Rights: []providers.Right{providers.Clone, providers.Push, providers.Webhooks}}
			question.Kind = github.Cloud().Guess(credential.Token)
			proofs, err := github.Cloud().Prove(t.Context(), c, h, credential, question)
			if test.err != "" {
				if !cause.Is(err, test.err) {
					t.Errorf("error is %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := map[providers.Right]providers.State{}
			for _, proof := range proofs {
				got[proof.Right] = proof.State
				if proof.Repository != test.repository || !strings.Contains(proof.Evidence, test.repository) {
					t.Errorf("%+v", proof)
				}
			}
			want := map[providers.Right]providers.State{providers.Clone: test.clone, providers.Push: test.push, providers.Webhooks: test.webhooks}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	p.checkRequests(t, nameOf(h))
}

func TestARepositoryOfGitHubHasAnOwnerAndAName(t *testing.T) {
	p := newPlace(t, plain)
	h, c := p.reach(t, github.Cloud())
	for _, repository := range []string{"app", "group/sub/app", ""} {
		_, err := github.Cloud().Prove(t.Context(), c, h, cred(token, providers.PAT), providers.Question{Repository: repository})
		if !errors.Is(err, providers.ErrForeignRepository) {
			t.Errorf("%q: error is %v", repository, err)
		}
	}
	if asked := p.Requests(); len(asked) > 0 {
		t.Errorf("asked %v", asked)
	}
}

func TestEveryQuestionStandsInGitHubsOwnDescription(t *testing.T) {
	specs := map[string]func(string) (*ghspec.Spec, error){"/github/api": ghspec.GitHub, "/ghes/api/v3": ghspec.EnterpriseServer}
	p := newPlace(t, func(h http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/", h)
		for prefix, load := range specs {
			spec, err := load(prefix)
			if err != nil {
				t.Fatal(err)
			}
			mux.Handle(prefix+"/", spec.Hold(h, func(err error) { t.Error(err) }))
		}
		return mux
	})
	for _, provider := range both {
		h, c := p.reach(t, provider)
		if _, err := provider.Meet(t.Context(), c, h); err != nil {
			t.Error(err)
		}
		for _, name := range []string{"runtime", "fine-grained"} {
			credential := cred(sandbox.MustToken(string(provider.Kind()), name).Text, providers.PAT)
			if _, err := provider.Inspect(t.Context(), c, h, credential); err != nil {
				t.Error(err)
			}
			question := providers.Question{Repository: "acme/app", Rights: []providers.Right{providers.Clone, providers.Push, providers.Webhooks}}
			if _, err := provider.Prove(t.Context(), c, h, credential, question); err != nil {
				t.Error(err)
			}
		}
	}
	if len(p.Requests()) == 0 {
		t.Error("nothing was asked")
	}
}

func TestAHostTellsItsVersionWhereItHasOne(t *testing.T) {
	p := newPlace(t, plain)
	for kind, want := range map[*github.Provider]string{github.Cloud(): "", github.Enterprise(): "3.19.0"} {
		h, c := p.reach(t, kind)
		if got, err := kind.Meet(t.Context(), c, h); err != nil || got != want {
			t.Errorf("%s: %q, %v", kind.Kind(), got, err)
		}
	}
}

func TestATokenOfTheOtherHostIsUnknown(t *testing.T) {
	p := newPlace(t, plain)
	for _, provider := range both {
		h, c := p.reach(t, provider)
		other := map[providers.Kind]string{providers.GitHub: "github-enterprise", providers.GitHubEnterprise: "github"}[provider.Kind()]
		credential := providers.Credential{Token: secret.New(sandbox.MustToken(other, "runtime").Text)}
		if _, err := provider.Inspect(t.Context(), c, h, credential); !cause.Is(err, cause.Rejected) {
			t.Errorf("%s: error is %v", provider.Kind(), err)
		}
	}
}
