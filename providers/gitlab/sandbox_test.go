package gitlab_test

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/sandbox/sandboxtest"
	"gitgrant/providers/wire"
)

var both = []providers.Provider{gitlab.Cloud(), gitlab.Server()}

// named is a token of the sandbox as a person pastes it.
func named(h providers.Host, name string) providers.Credential {
	return cred(sandbox.MustToken(string(h.Provider), name).Text, providers.PAT)
}

// found is what the sandbox's tokens turn out to be, and how the requirements
// of a runtime stand; or the cause why it cannot be said.
type found struct {
	kind    providers.TokenKind
	robot   bool
	api     providers.State
	read    providers.State
	excess  []string
	days    int // until the end that the host tells
	never   bool
	nobody  bool // its owner is not told
	unknown bool // its end is not told
	cause   cause.Kind
}

const (
	granted, implied, missing, open = providers.Granted, providers.Implied, providers.Missing, providers.Unverifiable

	pat, fine = providers.PersonalAccessToken, providers.FineGrainedPAT
)

var tokens = map[string]found{
	"runtime":         {kind: pat, api: granted, read: granted, days: 299},
	"user":            {kind: pat, api: missing, read: implied, days: 299},
	"person-runtime":  {kind: pat, api: granted, read: granted, days: 299},
	"api-only":        {kind: pat, api: granted, read: implied, days: 299},
	"oauth":           {kind: providers.OAuthToken, api: granted, read: granted},
	"project-bot":     {kind: providers.ProjectToken, robot: true, api: granted, read: granted, days: 299},
	"group-bot":       {kind: providers.GroupToken, robot: true, api: granted, read: granted, days: 299},
	"service-account": {kind: providers.ServiceAccountToken, robot: true, api: granted, read: granted, never: true},
	"too-broad":       {kind: pat, api: granted, read: granted, excess: []string{"admin_mode", "create_runner", "sudo"}, days: 299},
	"self-rotate":     {kind: pat, api: missing, read: missing, days: 299},

	"no-webhooks":        {kind: pat, api: missing, read: granted, days: 299},
	"write-repository":   {kind: pat, api: missing, read: implied, nobody: true, days: 299},
	"read-user":          {kind: pat, api: missing, read: missing, days: 299},
	"oauth-repository":   {kind: providers.OAuthToken, api: missing, read: implied, nobody: true},
	"fine-grained":       {kind: fine, api: open, read: open, days: 299},
	"fine-grained-blind": {kind: fine, api: open, read: open, unknown: true},
	"fine-grained-code":  {kind: fine, api: open, read: open, unknown: true, nobody: true},

	"expires-in-90-days": {kind: pat, api: granted, read: granted, days: 89},
	"expires-in-7-days":  {kind: pat, api: granted, read: granted, days: 6},
	"expiry-unreadable":  {kind: pat, api: granted, read: granted, unknown: true},
	"expired":            {cause: cause.Expired},
	"revoked":            {cause: cause.Revoked},
	"expired-revoked":    {cause: cause.Expired},
	"unknown":            {cause: cause.Rejected},
	"oauth-expired":      {cause: cause.Expired},
	"oauth-revoked":      {cause: cause.Revoked},

	"impersonation":     {cause: cause.Restricted},
	"dpop":              {cause: cause.Restricted},
	"blocked":           {cause: cause.Restricted},
	"terms":             {cause: cause.Restricted},
	"fine-grained-only": {kind: pat, api: granted, read: granted, never: true},

	"rate-limit":      {cause: cause.RateLimited},
	"rate-limit-bare": {cause: cause.RateLimited},
	"old-host":        {kind: providers.UnknownKind, api: open, read: open, unknown: true},

	"error-500":    {cause: cause.ServerError},
	"error-502":    {cause: cause.ServerError},
	"error-503":    {cause: cause.ServerError},
	"html":         {cause: cause.NotUnderstood},
	"empty":        {cause: cause.NotUnderstood},
	"invalid-json": {cause: cause.NotUnderstood},
	"wrong-shape":  {cause: cause.NotUnderstood},
	"wrong-type":   {kind: pat, api: granted, read: granted, never: true},
	"large":        {cause: cause.TooLarge},
	"endless":      {cause: cause.TooLarge},
	"gzip-bomb":    {cause: cause.TooLarge},
	"slow":         {cause: cause.NoAnswer},
	"silent":       {cause: cause.NoAnswer},
	"dropped":      {cause: cause.Broken},
	"redirect-302": {cause: cause.Redirected},
	"redirect-307": {cause: cause.Redirected},

	"hostile-login": {kind: pat, api: granted, read: granted, never: true},
	"hostile-scope": {kind: pat, api: granted, read: implied, excess: []string{"[2Jsudo"}, never: true},
	"hostile-error": {cause: cause.Restricted},
}

func TestEveryTokenOfTheSandboxIsFoundOut(t *testing.T) {
	for _, provider := range both {
		p := sandboxtest.New(t, both...)
		h, c := p.Reach(t, provider)
		sandboxtest.EachToken(t, provider.Kind(), tokens, func(t *testing.T, listed sandbox.Token, want found) {
			ctx := t.Context()
			if want.cause == cause.NoAnswer {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, time.Second)
				defer cancel()
			}
			in, err := provider.Inspect(ctx, c, h, named(h, listed.Name))
			if want.cause != "" {
				if got := causeOf(t, err); got.Kind != want.cause || got.Host != sandboxtest.NameOf(h) {
					t.Errorf("it is %+v, want %s", got, want.cause)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, read(p, h, in), cmp.AllowUnexported(found{})); diff != "" {
				t.Error(diff)
			}
			if in.Account.Login != wire.Clean(in.Account.Login) {
				t.Errorf("login is %q", in.Account.Login)
			}
		})
		p.OnlyRead(t, h, sandboxtest.Anywhere)
	}
}

func read(p *sandboxtest.Place, h providers.Host, in providers.Inspection) found {
	got := found{
		kind: in.Kind, robot: in.Account.Robot, excess: providers.PolicyOf(h.Provider).Excess(providers.Runtime, in),
		never: in.Expiry.Source == providers.ExpiryNone, unknown: in.Expiry.Source == providers.ExpiryUnknown, nobody: in.Account.Login == "",
	}
	for _, f := range providers.PolicyOf(h.Provider).Hold(providers.Runtime, in, nil) {
		switch f.Name {
		case "api":
			got.api = f.State
		case "read_repository":
			got.read = f.State
		}
	}
	if in.Expiry.Source == providers.ExpiryProvider {
		got.days = int(in.Expiry.At.Sub(p.Now()) / (24 * time.Hour))
	}
	return got
}

func TestASelfManagedHostTellsItsVersionToATokenThatMayAsk(t *testing.T) {
	p := sandboxtest.New(t, both...)
	for _, test := range []struct {
		provider providers.Provider
		token    string
		version  string
	}{
		{gitlab.Server(), "runtime", "18.11.4-ee"},
		{gitlab.Server(), "oauth", "18.11.4-ee"},
		{gitlab.Server(), "read-user", "18.11.4-ee"},
		{gitlab.Server(), "fine-grained", "18.11.4-ee"},
		{gitlab.Server(), "fine-grained-blind", ""},
		{gitlab.Server(), "write-repository", ""},
		{gitlab.Cloud(), "runtime", ""}, // everybody's host has no version to care for
	} {
		h, c := p.Reach(t, test.provider)
		if in, err := test.provider.Inspect(t.Context(), c, h, named(h, test.token)); err != nil || in.Version != test.version {
			t.Errorf("%s at %s: %q, %v", test.token, h.URL, in.Version, err)
		}
	}
}

func TestATokenTellsItsLastUse(t *testing.T) {
	p := sandboxtest.New(t, both...)
	h, c := p.Reach(t, gitlab.Cloud())
	in, err := gitlab.Cloud().Inspect(t.Context(), c, h, named(h, "runtime"))
	if want := p.Now().Add(-time.Hour).UTC(); err != nil || !in.LastUsed.Equal(want) {
		t.Errorf("last used %v, %v; want %v", in.LastUsed, err, want)
	}
}

func TestAnOAuthTokenTellsHowLongItLasts(t *testing.T) {
	p := sandboxtest.New(t, both...)
	h, c := p.Reach(t, gitlab.Server())
	in, err := gitlab.Server().Inspect(t.Context(), c, h, named(h, "oauth"))
	if err != nil || in.Expiry.Source != providers.ExpiryOAuth {
		t.Fatalf("%+v, %v", in.Expiry, err)
	}
	if want := p.Now().Add(2 * time.Hour); !in.Expiry.At.Equal(want) {
		t.Errorf("it ends at %v, want %v", in.Expiry.At, want)
	}
}

func TestALimitEndsWhenTheHostSaysSo(t *testing.T) {
	p := sandboxtest.New(t, both...)
	h, c := p.Reach(t, gitlab.Cloud())
	for _, name := range []string{"rate-limit", "rate-limit-bare"} {
		_, err := gitlab.Cloud().Inspect(t.Context(), c, h, named(h, name))
		if why := causeOf(t, err); !why.Until.After(p.Now()) || why.Until.After(p.Now().Add(time.Minute)) {
			t.Errorf("%s: until %v, asked at %v", name, why.Until, p.Now())
		}
	}
}

var shownValue = regexp.MustCompile(`<code class="value" id="value">([^<]+)</code>`)

// made is a token that was made at its page, as the person octocat.
func made(t *testing.T, h providers.Host, scopes ...string) providers.Credential {
	t.Helper()
	answer, err := http.PostForm(h.WebURL+"/-/user_settings/personal_access_tokens", url.Values{"name": {"made"}, "scope": scopes, "expires_in": {"30"}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	shown := shownValue.FindSubmatch(text)
	if err != nil || shown == nil {
		t.Fatalf("no token in %.600s, %v", text, err)
	}
	return cred(html.UnescapeString(string(shown[1])), providers.PAT)
}

func TestScopesDoWhatTheHostSaysTheyDo(t *testing.T) {
	for name, test := range map[string]struct {
		scopes                   []string
		api, read, write, reads  providers.State // api and read_repository of a runtime, write_repository and read_api of a user
		owner                    bool            // the account behind it may be asked for
		clone, push              providers.State
		excessRuntime, excessYou []string
	}{
		"api covers the rest":                      {[]string{"api"}, granted, implied, implied, implied, true, granted, granted, nil, []string{"api"}},
		"what a runtime asks for":                  {[]string{"api", "read_repository"}, granted, granted, implied, implied, true, granted, granted, nil, []string{"api"}},
		"what a person asks for":                   {[]string{"read_api", "write_repository"}, missing, implied, granted, granted, true, granted, granted, nil, nil},
		"read_api reads, and clones":               {[]string{"read_api"}, missing, missing, missing, granted, true, granted, missing, nil, nil},
		"read_repository clones alone":             {[]string{"read_repository"}, missing, granted, missing, missing, false, granted, missing, nil, nil},
		"write_repository includes reading by git": {[]string{"write_repository"}, missing, implied, granted, missing, false, granted, granted, nil, nil},
		"read_user tells the owner alone":          {[]string{"read_user"}, missing, missing, missing, missing, true, missing, missing, nil, nil},
		"a scope for something else":               {[]string{"k8s_proxy"}, missing, missing, missing, missing, false, missing, missing, []string{"k8s_proxy"}, []string{"k8s_proxy"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := sandboxtest.New(t, both...)
			h, c := p.Reach(t, gitlab.Server())
			credential := made(t, h, test.scopes...)
			in, err := gitlab.Server().Inspect(t.Context(), c, h, credential)
			if err != nil {
				t.Fatal(err)
			}
			policy := providers.PolicyOf(h.Provider)
			states := map[string]providers.State{}
			for _, purpose := range providers.Purposes {
				for _, f := range policy.Hold(purpose, in, nil) {
					states[f.Name] = f.State
				}
			}
			want := map[string]providers.State{"api": test.api, "read_repository": test.read, "write_repository": test.write, "read_api": test.reads}
			if diff := cmp.Diff(want, states); diff != "" {
				t.Error(diff)
			}
			excess := [][]string{policy.Excess(providers.Runtime, in), policy.Excess(providers.User, in)}
			if diff := cmp.Diff([][]string{test.excessRuntime, test.excessYou}, excess); diff != "" {
				t.Error(diff)
			}
			if owner := in.Account.Login == "octocat"; owner != test.owner {
				t.Errorf("the owner is %q", in.Account.Login)
			}
			proofs, err := gitlab.Server().Prove(t.Context(), c, h, credential, providers.Question{
				Repository: "acme/app", Kind: in.Kind, Rights: []providers.Right{providers.Clone, providers.Push},
			})
			if err != nil || proofs[0].State != test.clone || proofs[1].State != test.push {
				t.Errorf("%+v, %v", proofs, err)
			}
		})
	}
}

func TestAHostTellsWhatItIs(t *testing.T) {
	p := sandboxtest.New(t, both...)
	for _, provider := range both {
		h, c := p.Reach(t, provider)
		if version, err := provider.Meet(t.Context(), c, h); err != nil || version != "" {
			t.Errorf("%s: %q, %v", provider.Kind(), version, err)
		}
	}
	for _, r := range p.Requests() {
		if r.Authorized {
			t.Errorf("a token went to %s", r.Path)
		}
	}
}

func TestATokenOfTheOtherHostIsUnknown(t *testing.T) {
	p := sandboxtest.New(t, both...)
	for _, provider := range both {
		h, c := p.Reach(t, provider)
		other := map[providers.Kind]string{providers.GitLab: "gitlab-server", providers.GitLabServer: "gitlab"}[provider.Kind()]
		for _, name := range []string{"runtime", "oauth"} {
			credential := providers.Credential{Token: secret.New(sandbox.MustToken(other, name).Text)}
			if _, err := provider.Inspect(t.Context(), c, h, credential); !cause.Is(err, cause.Rejected) {
				t.Errorf("%s: error is %v", provider.Kind(), err)
			}
		}
	}
}
