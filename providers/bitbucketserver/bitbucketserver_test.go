package bitbucketserver_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/address"
)

func TestAnAddressLeadsToItsHost(t *testing.T) {
	const plain, inside = "https://bitbucket.acme.example", "https://acme.example:8443/tools/bitbucket"
	for _, test := range []struct {
		typed string
		web   string
		err   error
	}{
		{"", "", providers.ErrNeedHost},
		{" ", "", providers.ErrNeedHost},
		{"bitbucket.acme.example", plain, nil},
		{"https://Bitbucket.acme.example/", plain, nil},
		{"https://acme.example:8443/tools/bitbucket/", inside, nil},
		{"127.0.0.1:8080/bbs/bitbucket", "http://127.0.0.1:8080/bbs/bitbucket", nil},

		{plain + "/rest", plain, nil},
		{inside + "/rest/api/latest", inside, nil},
		{inside + "/rest/api/1.0/projects/ACME", inside, nil},
		{plain + "/projects", plain, nil},
		{inside + "/projects/ACME/repos/app/browse", inside, nil},
		{inside + "/users/octocat/repos/dotfiles", inside, nil},
		{inside + "/scm/acme/app.git", inside, nil},
		{inside + "/plugins/servlet/access-tokens/manage", inside, nil},
		{inside + "/login", inside, nil},
		{plain + "/dashboard", plain, nil},
		{"https://acme.example/scm", "https://acme.example/scm", nil}, // a context path like any other
		{"https://acme.example/scm/projects/ACME", "https://acme.example/scm", nil},
		{"https://acme.example/scm/scm/acme/app.git", "https://acme.example/scm", nil},
		{"https://acme.example/restaurant", "https://acme.example/restaurant", nil},

		{"bitbucket.org", "", providers.ErrOtherKind},
		{"https://api.bitbucket.org/2.0", "", providers.ErrOtherKind},
		{"bitbucket.org.acme.example", "https://bitbucket.org.acme.example", nil},
		{"http://bitbucket.acme.example", "", address.ErrPlainHTTP},
		{"https://octocat@bitbucket.acme.example/scm/acme/app.git", "", address.ErrUserInfo},
		{plain + "?at=main", "", address.ErrExtra},
	} {
		t.Run(test.typed, func(t *testing.T) {
			got, err := dc.Locate(test.typed)
			if !errors.Is(err, test.err) {
				t.Fatalf("error is %v, want %v", err, test.err)
			}
			want := providers.Host{URL: test.web, Provider: providers.BitbucketServer, WebURL: test.web, APIURL: test.web + "/rest"}
			if test.err != nil {
				want = providers.Host{}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestARepositoryIsNamedByAnyAddressThatTheHostShowsForIt(t *testing.T) {
	inside := providers.Host{URL: "https://acme.example:8443/git", WebURL: "http://127.0.0.1:8080/bbs"}
	root := providers.Host{URL: "https://git.acme.example", WebURL: "https://git.acme.example"}
	for _, test := range []struct {
		host  providers.Host
		named string
		want  string
	}{
		{inside, "ACME/app", "ACME/app"},
		{inside, " /ACME/app.git/ ", "ACME/app"},
		{inside, "~octocat/dotfiles", "~octocat/dotfiles"},
		{inside, "projects/ACME/repos/app", "ACME/app"},
		{inside, "scm/acme/app.git", "acme/app"},
		{inside, "https://acme.example:8443/git/projects/ACME/repos/app", "ACME/app"},
		{inside, "https://ACME.example:8443/git/projects/ACME/repos/app/browse/README.md?at=refs%2Fheads%2Fmain#3", "ACME/app"},
		{inside, "https://acme.example:8443/git/users/octocat/repos/dotfiles/commits", "~octocat/dotfiles"},
		{inside, "https://acme.example:8443/git/scm/acme/app.git", "acme/app"},
		{inside, "https://octocat@acme.example:8443/git/scm/acme/app.git", "acme/app"},
		{inside, "https://acme.example:8443/git/scm/~octocat/dotfiles.git", "~octocat/dotfiles"},
		{inside, "https://acme.example:8443/git/ACME/app", "ACME/app"},
		{inside, "http://127.0.0.1:8080/bbs/projects/ACME/repos/app", "ACME/app"},
		{inside, "ssh://git@acme.example:7999/acme/app.git", "acme/app"},
		{inside, "ssh://git@acme.example:7999/~octocat/dotfiles.git", "~octocat/dotfiles"},
		{root, "https://git.acme.example/projects/ACME/repos/app", "ACME/app"},
		{root, "https://git.acme.example:443/scm/acme/app.git", "acme/app"},

		{inside, "ACME", "ACME"},
		{inside, "~octocat", "~octocat"},
		{inside, "https://acme.example:8443/git/projects/ACME", "ACME"},
		{inside, "https://acme.example:8443/git/projects/ACME/settings", "ACME"},
		{root, "https://git.acme.example/projects/ACME/", "ACME"},

		{inside, "", ""},
		{inside, "/", ""},
		{inside, "ACME/app/more", ""},
		{inside, "ACME/.git", ""},
		{inside, "ACME/..", ""},
		{inside, "..", ""},
		{inside, "projects/../repos/app", ""},
		{inside, "AC%4dE/app", ""},
		{inside, "ACME/a b", ""},
		{inside, "ACME/app?token=x", ""},
		{inside, "https://acme.example:8443/projects/ACME/repos/app", ""},
		{inside, "https://acme.example:8443/git", ""},
		{inside, "https://acme.example/git/projects/ACME", ""},
		{inside, "http://acme.example:8443/git/projects/ACME", ""},
		{inside, "https://evil.example/git/projects/ACME", ""},
		{inside, "https://acme.example.evil.example:8443/git/projects/ACME", ""},
		{inside, "https://octocat:secret@acme.example:8443/git/scm/acme/app.git", ""},
		{inside, "ssh://git@evil.example:7999/acme/app.git", ""},
		{inside, "ssh://git@acme.example:7999/", ""},
		{inside, "git@acme.example:acme/app.git", ""},
		{inside, "https://acme.example:8443/git/projects/%2e%2e/repos/app", ""},
		{inside, "://", ""},
	} {
		got, err := providers.RepositoryOf(dc, test.host, test.named)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%q is %q (%v), want %q", test.named, got, err, test.want)
		}
		if err != nil && !errors.Is(err, providers.ErrForeignRepository) {
			t.Errorf("%q: error is %v", test.named, err)
		}
	}
}

func TestEverythingThatAPersonOpensIsOnTheWebAddress(t *testing.T) {
	h := providers.Host{WebURL: "https://acme.example:8443/git", APIURL: "https://api.acme.example/git/rest", ClientID: "c0ffee"}
	for _, page := range []string{dc.TokenPage(h, providers.Runtime, "gitgrant prod runtime"), dc.ManagePage(h)} {
		if page != h.WebURL+"/plugins/servlet/access-tokens/manage" {
			t.Errorf("it leads to %s", page)
		}
	}
	want := providers.Registration{
		Page: h.WebURL + "/plugins/servlet/applinks/listApplicationLinks",
		Way:  []string{"Create link", "External application", "Incoming"},
		Fields: []providers.Field{
			{Label: "Name", Value: "gitgrant"}, {Label: "Redirect URL", Value: "https://127.0.0.1/callback"}, {Label: "Projects: Admin", Ticked: true},
		},
		ID: "Client ID", HTTPSOff: "atlassian.oauth2.provider.skip.redirect.url.https.requirement=true",
	}
	if diff := cmp.Diff(want, dc.Registration(h)); diff != "" {
		t.Error(diff)
	}
	flow := dc.Browser(h, []string{"REPO_WRITE"})
	if diff := cmp.Diff([]any{h.WebURL, h.WebURL + "/rest/oauth2/latest/authorize", h.WebURL + "/rest/oauth2/latest/token", "c0ffee", "https://127.0.0.1/callback", false, true},
		[]any{flow.Site, flow.AuthorizeURL, flow.TokenURL, flow.ID, flow.Redirect, flow.Basic, flow.NeedsSecret}); diff != "" {
		t.Error(diff)
	}
	h.Redirect = "http://127.0.0.1:8080/callback"
	if got := []string{dc.Browser(h, nil).Redirect, dc.Registration(h).Fields[1].Value}; !cmp.Equal(got, []string{h.Redirect, h.Redirect}) {
		t.Errorf("the browser ends at %v", got)
	}
}

func TestThereIsNoDeviceFlow(t *testing.T) {
	if diff := cmp.Diff([]providers.Method{providers.Browser, providers.PAT}, dc.Methods()); diff != "" {
		t.Error(diff)
	}
	if d := dc.Device(providers.Host{WebURL: "https://git.acme.example"}, []string{"PROJECT_ADMIN"}); d.CodeURL != "" {
		t.Errorf("a code is asked for at %s", d.CodeURL)
	}
	if err := dc.CheckApplication("c0ffee"); err != nil {
		t.Error(err)
	}
}

func TestTheNumberOfATokenIsAHintAndNoMore(t *testing.T) {
	numbered := base64.StdEncoding.EncodeToString([]byte("252973515069:01234567890123456789"))
	for text, want := range map[string]providers.TokenKind{
		numbered:                         providers.HTTPAccessToken,
		strings.TrimRight(numbered, "="): providers.HTTPAccessToken,
		"BBDC-" + numbered:               providers.HTTPAccessToken,
		token:                            providers.HTTPAccessToken,
		base64.StdEncoding.EncodeToString([]byte("name:01234567890123456789")): providers.UnknownKind,
		"BBDC-" + strings.Repeat("x", 40):                                      providers.UnknownKind,
		"ghp_0123456789":                                                       providers.UnknownKind,
		"":                                                                     providers.UnknownKind,
	} {
		if got := dc.Guess(secret.New(text)); got != want {
			t.Errorf("%q looks like %s, want %s", text, got, want)
		}
	}
}

func TestTheEndOfATokenIsAskedOfItsOwner(t *testing.T) {
	if got := dc.Wants(secret.New(token)); got != (providers.Wants{Expiry: true}) {
		t.Errorf("%+v", got)
	}
}

func TestATokenStandsBesideItsAccountAndOneOfNobodyBesideAWord(t *testing.T) {
	person, robot := providers.Account{Login: "octocat"}, providers.Account{Login: "tokens-of-ACME", Robot: true}
	for name, test := range map[string]struct {
		id   providers.Identity
		want string
	}{
		"a personal token":               {providers.Identity{Kind: providers.HTTPAccessToken, Account: person}, "octocat"},
		"one whose owner names himself":  {providers.Identity{Kind: providers.HTTPAccessToken, Account: person, Username: "cat"}, "cat"},
		"a token of nobody":              {providers.Identity{Kind: providers.HTTPAccessToken, Account: robot}, "x-token-auth"},
		"one that has a name all along":  {providers.Identity{Kind: providers.HTTPAccessToken, Account: robot, Username: "cat"}, "x-token-auth"},
		"a token of a project by name":   {providers.Identity{Kind: providers.ProjectToken, Account: person}, "x-token-auth"},
		"a token of a repository so":     {providers.Identity{Kind: providers.RepositoryToken}, "x-token-auth"},
		"an OAuth token":                 {providers.Identity{Kind: providers.OAuthToken, Account: person}, "octocat"},
		"a token of which nothing known": {providers.Identity{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := dc.Names(test.id); got != (providers.Names{Git: test.want, Bearer: test.want == "x-token-auth"}) {
				t.Errorf("%+v", got)
			}
		})
	}
}
