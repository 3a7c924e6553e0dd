package gitlab_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/cause"
	"gitgrant/providers/gitlab"
)

func TestAnAddressLeadsToItsHost(t *testing.T) {
	cloud, server := gitlab.Cloud(), gitlab.Server()
	for _, test := range []struct {
		provider *gitlab.Provider
		typed    string
		web      string
		err      error
	}{
		{cloud, "", "https://gitlab.com", nil},
		{cloud, " ", "https://gitlab.com", nil},
		{cloud, "GitLab.com.", "https://gitlab.com", nil},
		{cloud, "www.gitlab.com", "https://gitlab.com", nil},
		{cloud, "https://gitlab.com/api/v4/", "https://gitlab.com", nil},
		{cloud, "https://gitlab.com/acme/app", "https://gitlab.com", nil},
		{cloud, "gitlab.com.evil.example", "", providers.ErrOtherKind},
		{cloud, "evilgitlab.com", "", providers.ErrOtherKind},
		{cloud, "gitlab.acme.example", "", providers.ErrOtherKind},
		{cloud, "http://gitlab.com", "", address.ErrPlainHTTP},
		{cloud, "me@gitlab.com", "", address.ErrUserInfo},

		{server, "", "", providers.ErrNeedHost},
		{server, "gitlab.com", "", providers.ErrOtherKind},
		{server, "www.gitlab.com", "", providers.ErrOtherKind},
		{server, "gitlab.acme.example", "https://gitlab.acme.example", nil},
		{server, "https://GitLab.acme.example:8443/", "https://gitlab.acme.example:8443", nil},
		{server, "https://acme.example/gitlab", "https://acme.example/gitlab", nil},
		{server, "https://acme.example:8443/tools/gitlab/api/v4", "https://acme.example:8443/tools/gitlab", nil},
		{server, "127.0.0.1:8080/gl/gitlab", "http://127.0.0.1:8080/gl/gitlab", nil},
		{server, "http://gitlab.acme.example", "", address.ErrPlainHTTP},
		{server, "gitlab.acme.example?x", "", address.ErrExtra},
	} {
		t.Run(string(test.provider.Kind())+" at "+test.typed, func(t *testing.T) {
			got, err := test.provider.Locate(test.typed)
			if !errors.Is(err, test.err) {
				t.Fatalf("error is %v, want %v", err, test.err)
			}
			want := providers.Host{URL: test.web, Provider: test.provider.Kind(), WebURL: test.web, APIURL: test.web + "/api/v4"}
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
	h := providers.Host{WebURL: "https://acme.example:8443/gitlab", APIURL: "https://acme.example:8443/gitlab/api/v4", ClientID: "c0ffee"}
	p := gitlab.Server()

	d := p.Device(h, []string{"api"})
	if diff := cmp.Diff([]any{h.WebURL, h.WebURL + "/oauth/authorize_device", h.WebURL + "/oauth/token", "c0ffee", []string{"api"}},
		[]any{d.Site, d.CodeURL, d.TokenURL, d.ID, d.Scopes}); diff != "" {
		t.Error(diff)
	}

	want := providers.Registration{
		Page: h.WebURL + "/-/user_settings/applications",
		Fields: []providers.Field{
			{Label: "Name", Value: "gitgrant"},
			{Label: "Redirect URI", Value: "http://127.0.0.1/callback"},
			{Label: "Confidential"},
			{Label: "api", Ticked: true},
			{Label: "read_repository", Ticked: true},
			{Label: "write_repository", Ticked: true},
			{Label: "read_api", Ticked: true},
		},
		ID: "Application ID",
	}
	if diff := cmp.Diff(want, p.Registration(h)); diff != "" {
		t.Error(diff)
	}

	for purpose, scopes := range map[providers.Purpose]string{providers.Runtime: "api,read_repository", providers.User: "write_repository,read_api"} {
		page, err := url.Parse(p.TokenPage(h, purpose, "gitgrant: prod & more"))
		if err != nil {
			t.Fatal(err)
		}
		got := []string{page.Host, page.Path, page.Query().Get("scopes"), page.Query().Get("name")}
		if diff := cmp.Diff([]string{"acme.example:8443", "/gitlab/-/user_settings/personal_access_tokens", scopes, "gitgrant: prod & more"}, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestNoFlowNeedsASecret(t *testing.T) {
	for _, p := range []*gitlab.Provider{gitlab.Cloud(), gitlab.Server()} {
		if diff := cmp.Diff([]providers.Method{providers.Device, providers.Browser, providers.PAT}, p.Methods()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAPrefixIsAHintAndNoMore(t *testing.T) {
	bare := strings.Repeat("0123456789abcdef", 4)
	for text, want := range map[string]providers.TokenKind{
		"glpat-0123456789":              providers.PersonalAccessToken,
		"glpat-0123.01.0a1b2c3d4":       providers.PersonalAccessToken,
		"mycompany-glpat-0123456789":    providers.PersonalAccessToken,
		"gliamat-eyJ.eyJ.x":             providers.OAuthToken,
		bare:                            providers.OAuthToken,
		bare + "0":                      providers.UnknownKind,
		strings.ToUpper(bare):           providers.UnknownKind,
		"gldt-0123456789":               providers.UnknownKind,
		"a-prefix-of-the-admin-0123456": providers.UnknownKind,
		"":                              providers.UnknownKind,
	} {
		if got := gitlab.Cloud().Guess(secret.New(text)); got != want {
			t.Errorf("%q looks like %s, want %s", text, got, want)
		}
	}
}

func TestTheSecretOfAnApplicationIsNoID(t *testing.T) {
	for id, refused := range map[string]bool{"gloas-0123456789": true, strings.Repeat("0123456789abcdef", 4): false, "": false} {
		if err := gitlab.Cloud().CheckApplication(id); cause.Is(err, cause.UnknownApplication) != refused || (err != nil) != refused {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestEveryTokenHasItsUserNameForGitAndNoneForREST(t *testing.T) {
	for _, kind := range []providers.TokenKind{providers.PersonalAccessToken, providers.ProjectToken, providers.OAuthToken, providers.UnknownKind} {
		got := gitlab.Server().Names(providers.Identity{Kind: kind, Account: providers.Account{Login: "octocat"}})
		if want := (providers.Names{Git: "oauth2"}); got != want {
			t.Errorf("%s: %+v, want %+v", kind, got, want)
		}
	}
}
