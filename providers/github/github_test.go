package github_test

import (
	"errors"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/cause"
	"gitgrant/providers/github"
)

func TestAnAddressLeadsToItsHost(t *testing.T) {
	cloud, enterprise := github.Cloud().Provider, github.Enterprise()
	for _, test := range []struct {
		provider *github.Provider
		typed    string
		web, api string
		err      error
	}{
		{cloud, "", "https://github.com", "https://api.github.com", nil},
		{cloud, " ", "https://github.com", "https://api.github.com", nil},
		{cloud, "GitHub.com.", "https://github.com", "https://api.github.com", nil},
		{cloud, "https://github.com/", "https://github.com", "https://api.github.com", nil},
		{cloud, "www.github.com", "https://github.com", "https://api.github.com", nil},
		{cloud, "https://api.github.com", "https://github.com", "https://api.github.com", nil},
		{cloud, "https://github.com/acme/app", "https://github.com", "https://api.github.com", nil},
		{cloud, "github.com.evil.example", "", "", providers.ErrOtherKind},
		{cloud, "evilgithub.com", "", "", providers.ErrOtherKind},
		{cloud, "gist.github.com", "", "", providers.ErrOtherKind},
		{cloud, "ghe.acme.example", "", "", providers.ErrOtherKind},
		{cloud, "http://github.com", "", "", address.ErrPlainHTTP},
		{cloud, "me@github.com", "", "", address.ErrUserInfo},

		{enterprise, "", "", "", providers.ErrNeedHost},
		{enterprise, "github.com", "", "", providers.ErrOtherKind},
		{enterprise, "api.github.com", "", "", providers.ErrOtherKind},
		{enterprise, "ghe.acme.example", "https://ghe.acme.example", "https://ghe.acme.example/api/v3", nil},
		{enterprise, "https://GHE.acme.example:8443/", "https://ghe.acme.example:8443", "https://ghe.acme.example:8443/api/v3", nil},
		{enterprise, "https://ghe.acme.example/api/v3/", "https://ghe.acme.example", "https://ghe.acme.example/api/v3", nil},
		{enterprise, "https://acme.example/git/api/v3", "https://acme.example/git", "https://acme.example/git/api/v3", nil},
		{enterprise, "127.0.0.1:8080/ghes", "http://127.0.0.1:8080/ghes", "http://127.0.0.1:8080/ghes/api/v3", nil},
		{enterprise, "acme.ghe.com", "https://acme.ghe.com", "https://api.acme.ghe.com", nil},
		{enterprise, "https://api.acme.ghe.com/user", "https://acme.ghe.com", "https://api.acme.ghe.com", nil},
		{enterprise, "http://ghe.acme.example", "", "", address.ErrPlainHTTP},
		{enterprise, "ghe.acme.example?x", "", "", address.ErrExtra},
	} {
		t.Run(string(test.provider.Kind())+" at "+test.typed, func(t *testing.T) {
			got, err := test.provider.Locate(test.typed)
			if !errors.Is(err, test.err) {
				t.Fatalf("error is %v, want %v", err, test.err)
			}
			want := providers.Host{URL: test.web, Provider: test.provider.Kind(), WebURL: test.web, APIURL: test.api}
			if test.err != nil {
				want = providers.Host{}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEverythingThatAPersonOpensIsOnTheWebAddress(t *testing.T) {
	h := providers.Host{WebURL: "https://ghe.acme.example:8443/git", APIURL: "https://ghe.acme.example:8443/git/api/v3", ClientID: "Ov23li"}
	p := github.Enterprise()

	d := p.Device(h, []string{"repo"})
	if diff := cmp.Diff([]any{h.WebURL, h.WebURL + "/login/device/code", h.WebURL + "/login/oauth/access_token", "Ov23li", []string{"repo"}},
		[]any{d.Site, d.CodeURL, d.TokenURL, d.ID, d.Scopes}); diff != "" {
		t.Error(diff)
	}

	want := providers.Registration{Page: h.WebURL + "/settings/applications/new", Made: h.WebURL + "/settings/developers", Fields: []providers.Field{
		{Label: "Application name", Value: "gitgrant"},
		{Label: "Homepage URL", Value: h.WebURL},
		{Label: "Authorization callback URL", Value: "http://127.0.0.1/callback"},
		{Label: "Enable Device Flow", Ticked: true},
	}, ID: "Client ID"}
	if diff := cmp.Diff(want, p.Registration(h)); diff != "" {
		t.Error(diff)
	}

	page, err := url.Parse(p.TokenPage(h, providers.Runtime, "gitgrant: prod & more"))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{page.Host, page.Path, page.Query().Get("scopes"), page.Query().Get("description")}
	if diff := cmp.Diff([]string{"ghe.acme.example:8443", "/git/settings/tokens/new", "repo,admin:repo_hook", "gitgrant: prod & more"}, got); diff != "" {
		t.Error(diff)
	}
	page, err = url.Parse(p.TokenPage(h, providers.User, ""))
	if err != nil || page.Query().Get("scopes") != "repo" {
		t.Errorf("%v %v", page, err)
	}
}

func TestTheFlowThatNeedsNoSecretComesFirst(t *testing.T) {
	for _, p := range []*github.Provider{github.Cloud().Provider, github.Enterprise()} {
		if diff := cmp.Diff([]providers.Method{providers.Device, providers.Browser, providers.PAT}, p.Methods()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAPrefixIsAHintAndNoMore(t *testing.T) {
	for text, want := range map[string]providers.TokenKind{
		"ghp_0123456789":                           providers.ClassicPAT,
		"github_pat_11A_b":                         providers.FineGrainedPAT,
		"gho_0123456789":                           providers.OAuthToken,
		"ghu_0123456789":                           providers.UnknownKind,
		"ghs_1234_eyJ.eyJ.x":                       providers.UnknownKind,
		"0123456789abcdef0123456789abcdef01234567": providers.UnknownKind,
		"":       providers.UnknownKind,
		"glpat-": providers.UnknownKind,
		"GHP_x":  providers.UnknownKind,
	} {
		if got := github.Cloud().Guess(secret.New(text)); got != want {
			t.Errorf("%q looks like %s, want %s", text, got, want)
		}
	}
}

func TestAnApplicationThatKnowsNoScopesIsRefused(t *testing.T) {
	for id, refused := range map[string]bool{"Iv1.8a61f9b3a7aba766": true, "Iv23liAbC": true, "Ov23liAbC": false, "0123456789abcdef0123": false, "": false} {
		if err := github.Cloud().CheckApplication(id); cause.Is(err, cause.GitHubApp) != refused || (err != nil) != refused {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestEveryTokenHasItsUserNameForGitAndNoneForREST(t *testing.T) {
	for _, kind := range []providers.TokenKind{providers.ClassicPAT, providers.FineGrainedPAT, providers.OAuthToken, providers.UnknownKind} {
		got := github.Cloud().Names(providers.Identity{Kind: kind, Account: providers.Account{Login: "octocat"}})
		if want := (providers.Names{Git: "x-access-token"}); got != want {
			t.Errorf("%s: %+v, want %+v", kind, got, want)
		}
	}
}
