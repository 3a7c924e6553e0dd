package github_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/github"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/sandbox/ghspec"
	"gitgrant/providers/sandbox/sandboxtest"
	"gitgrant/providers/wire"
)

var both = []providers.Provider{github.Cloud(), github.Enterprise()}

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

// tokensOf leaves out what a server of one's own does not have: single sign-on
// that each token is authorized for is github.com's.
func tokensOf(kind providers.Kind) map[string]found {
	if kind == providers.GitHub {
		return tokens
	}
	these := maps.Clone(tokens)
	maps.DeleteFunc(these, func(name string, _ found) bool { return strings.HasPrefix(name, "sso") })
	return these
}

func TestEveryTokenOfTheSandboxIsFoundOut(t *testing.T) {
	for _, provider := range both {
		p := sandboxtest.New(t, both...)
		h, c := p.Reach(t, provider)
		sandboxtest.EachToken(t, provider.Kind(), tokensOf(provider.Kind()), func(t *testing.T, named sandbox.Token, want found) {
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
				got.days = int(in.Expiry.At.Sub(p.Now()) / (24 * time.Hour))
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(found{})); diff != "" {
				t.Error(diff)
			}
			if in.Account.Login != wire.Clean(in.Account.Login) || in.Account.Login == "" {
				t.Errorf("login is %q", in.Account.Login)
			}
		})
		p.OnlyRead(t, h, sandboxtest.Anywhere)
	}
}

func TestTheLinkOfSingleSignOnCanBeOpened(t *testing.T) {
	p := sandboxtest.New(t, both...)
	h, c := p.Reach(t, github.Cloud())
	_, err := github.Cloud().Inspect(t.Context(), c, h, cred(sandbox.MustToken("github", "sso").Text, providers.PAT))
	if why := cause.Of(err); !strings.HasPrefix(why.URL, h.WebURL+"/") {
		t.Errorf("the link is %q", why.URL)
	}
}

func TestARepositoryIsProvenByProbesAlone(t *testing.T) {
	const granted, missing, open = providers.Granted, providers.Missing, providers.Unverifiable
	p := sandboxtest.New(t, both...)
	h, c := p.Reach(t, github.Cloud())
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
	p.OnlyRead(t, h, sandboxtest.Anywhere)
}

func TestARepositoryOfGitHubHasAnOwnerAndAName(t *testing.T) {
	p := sandboxtest.New(t, both...)
	h, c := p.Reach(t, github.Cloud())
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
	p := sandboxtest.NewBehind(t, func(h http.Handler) http.Handler {
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
	}, both...)
	for _, provider := range both {
		h, c := p.Reach(t, provider)
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
	p := sandboxtest.New(t, both...)
	for kind, want := range map[*github.Provider]string{github.Cloud().Provider: "", github.Enterprise(): "3.19.0"} {
		h, c := p.Reach(t, kind)
		if got, err := kind.Meet(t.Context(), c, h); err != nil || got != want {
			t.Errorf("%s: %q, %v", kind.Kind(), got, err)
		}
	}
}

func TestATokenOfTheOtherHostIsUnknown(t *testing.T) {
	p := sandboxtest.New(t, both...)
	for _, provider := range both {
		h, c := p.Reach(t, provider)
		other := map[providers.Kind]string{providers.GitHub: "github-enterprise", providers.GitHubEnterprise: "github"}[provider.Kind()]
		credential := providers.Credential{Token: secret.New(sandbox.MustToken(other, "runtime").Text)}
		if _, err := provider.Inspect(t.Context(), c, h, credential); !cause.Is(err, cause.Rejected) {
			t.Errorf("%s: error is %v", provider.Kind(), err)
		}
	}
}
