package bitbucket_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/bitbucket"
	"gitgrant/providers/sandbox"
)

func TestEveryAddressOfBitbucketIsTheOneHost(t *testing.T) {
	cloud := providers.Host{
		URL: "https://bitbucket.org", Provider: providers.Bitbucket, WebURL: "https://bitbucket.org", APIURL: "https://api.bitbucket.org/2.0",
	}
	for input, want := range map[string]error{
		"": nil, " ": nil, "bitbucket.org": nil, "https://bitbucket.org/": nil, "WWW.Bitbucket.ORG.": nil, "api.bitbucket.org": nil,
		"https://api.bitbucket.org/2.0": nil, "https://bitbucket.org/acme/app": nil, "https://bitbucket.org/acme/app.git": nil, "https://bitbucket.org:443": nil,
		"bitbucket.acme.example": providers.ErrOtherKind, "bitbucket.org.evil.example": providers.ErrOtherKind, "evilbitbucket.org": providers.ErrOtherKind,
		"127.0.0.1:7990/bitbucket": providers.ErrOtherKind, "github.com": providers.ErrOtherKind,
		"http://bitbucket.org": address.ErrPlainHTTP, "https://me@bitbucket.org": address.ErrUserInfo, "https://bitbucket.org?x=1": address.ErrExtra,
	} {
		h, err := bitbucket.Cloud().Locate(input)
		if !errors.Is(err, want) {
			t.Errorf("%q: error is %v", input, err)
		}
		if diff := cmp.Diff(cloud, h); err == nil && diff != "" {
			t.Errorf("%q: %s", input, diff)
		}
	}
}

func TestAPersonIsLedToPagesOfAtlassianAndOfAProfileAlone(t *testing.T) {
	p := bitbucket.Cloud()
	cloud, err := p.Locate("")
	if err != nil {
		t.Fatal(err)
	}
	mirror := cloud
	mirror.WebURL = "https://mirror.acme.example/bitbucket"
	for _, test := range []struct {
		host providers.Host
		base string
	}{{cloud, "https://id.atlassian.com"}, {mirror, mirror.WebURL}} {
		page, err := url.Parse(p.TokenPage(test.host, providers.Runtime, "gitgrant prod runtime"))
		if err != nil {
			t.Fatal(err)
		}
		query := page.Query()
		if want := (url.Values{"appId": {"bitbucket"}, "autofillToken": {""}, "expiryDays": {"90"}}); !cmp.Equal(want, query) {
			t.Errorf("the page is asked for %v", query)
		}
		page.RawQuery = ""
		if want := test.base + "/manage-profile/security/api-tokens"; page.String() != want || p.ManagePage(test.host) != want {
			t.Errorf("the pages are %s and %s", page, p.ManagePage(test.host))
		}
	}
}

func TestAConsumerIsRegisteredWithTheBoxesOfTheForm(t *testing.T) {
	h, err := bitbucket.Cloud().Locate("")
	if err != nil {
		t.Fatal(err)
	}
	want := providers.Registration{
		Page: "https://bitbucket.org/account/workspaces/", Way: []string{"Settings", "OAuth consumers", "Add consumer"}, MadeWay: []string{"Settings", "OAuth consumers"}, ID: "Key",
		Fields: []providers.Field{
			{Label: "Name", Value: "gitgrant"},
			{Label: "Callback URL", Value: "http://127.0.0.1/callback"},
			{Label: "This is a private consumer"},
			{Label: "Account: Read", Ticked: true},
			{Label: "Workspace membership: Read", Ticked: true},
			{Label: "Webhooks: Read and write", Ticked: true},
			{Label: "Repositories: Read", Ticked: true},
			{Label: "Repositories: Write", Ticked: true},
			{Label: "Repositories: Admin", Ticked: true},
		},
	}
	if diff := cmp.Diff(want, bitbucket.Cloud().Registration(h)); diff != "" {
		t.Error(diff)
	}
	h.ClientID = "bbKeyDefault"
	application := bitbucket.Cloud().Application(h)
	if application.TokenURL != "https://bitbucket.org/site/oauth2/access_token" || application.ID != h.ClientID || !application.Basic {
		t.Errorf("%+v", application)
	}
	if err := bitbucket.Cloud().CheckApplication(h.ClientID); err != nil {
		t.Error(err)
	}
}

func TestATokenIsKnownByItsLooks(t *testing.T) {
	const email = "acme-bot@acme.example"
	for text, test := range map[string]struct {
		kind  providers.TokenKind
		wants providers.Wants
		names providers.Names // beside an e-mail address that its owner gave
	}{
		"ATATT3xFfGF0abc":         {providers.APIToken, providers.Wants{Email: true, Username: true, Expiry: true}, providers.Names{Git: "x-bitbucket-api-token-auth", REST: email}},
		"ATATnew":                 {providers.APIToken, providers.Wants{Email: true, Username: true, Expiry: true}, providers.Names{Git: "x-bitbucket-api-token-auth", REST: email}},
		"ATCTT3xFfGN0abc":         {providers.RepositoryToken, providers.Wants{Expiry: true}, providers.Names{Git: "x-token-auth"}},
		"ATCTnew":                 {providers.RepositoryToken, providers.Wants{Expiry: true}, providers.Names{Git: "x-token-auth"}},
		"ATBBabc":                 {providers.AppPassword, providers.Wants{}, providers.Names{Git: "x-token-auth"}},
		strings.Repeat("x", 2600): {providers.OAuthToken, providers.Wants{Expiry: true}, providers.Names{Git: "x-token-auth"}},
		"something":               {providers.UnknownKind, providers.Wants{Expiry: true}, providers.Names{Git: "x-bitbucket-api-token-auth", REST: email}},
	} {
		p, token := bitbucket.Cloud(), secret.New(text)
		if kind := p.Guess(token); kind != test.kind {
			t.Errorf("%.20s looks like %s", text, kind)
		}
		if wants := p.Wants(token); wants != test.wants {
			t.Errorf("%.20s wants %+v", text, wants)
		}
		if names := p.Names(providers.Identity{Kind: test.kind, Email: email}); names != test.names {
			t.Errorf("%.20s stands beside %+v", text, names)
		}
	}
}

func TestTheNameForGitIsItsOwnersWhereItMayBe(t *testing.T) {
	p := bitbucket.Cloud()
	for name, test := range map[string]struct {
		id   providers.Identity
		want providers.Names
	}{
		"an API token":            {providers.Identity{Kind: providers.APIToken, Email: "me@acme.example", Username: "me"}, providers.Names{Git: "me", REST: "me@acme.example"}},
		"one without an address":  {providers.Identity{Kind: providers.APIToken}, providers.Names{Git: "x-bitbucket-api-token-auth"}},
		"an access token":         {providers.Identity{Kind: providers.WorkspaceToken, Username: "me"}, providers.Names{Git: "x-token-auth"}},
		"an OAuth token":          {providers.Identity{Kind: providers.OAuthToken, Username: "me", Email: "me@acme.example"}, providers.Names{Git: "x-token-auth"}},
		"one that nobody can say": {providers.Identity{Kind: providers.UnknownKind}, providers.Names{Git: "x-token-auth"}},
	} {
		if got := p.Names(test.id); got != test.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAChangedTokenLooksMistyped(t *testing.T) {
	p := bitbucket.Cloud()
	whole := sandbox.MustToken("bitbucket", "runtime").Text
	for text, want := range map[string]bool{
		whole: false, sandbox.MustToken("bitbucket", "workspace-token").Text: false,
		whole[:128]: true, whole[:len(whole)-1]: true, "ATATT3" + whole[7:]: true, strings.ToLower(whole[:20]) + whole[20:]: false,
		strings.Replace(whole, "sandbox", "sandbix", 1): true, whole + "x": true, "ATATT3": true,
		"ATATnew": false, "ATBBabc": false, "something": false, "": false, // of those nothing is known
	} {
		if got := p.Mistyped(secret.New(text)); got != want {
			t.Errorf("%q looks mistyped: %v", text, got)
		}
	}
}

func TestNoSlipOfTheKeyboardLooksRight(t *testing.T) {
	whole := sandbox.MustToken("bitbucket", "runtime").Text
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(6, len(whole)-1).Draw(t, "place")
		letter := rapid.StringMatching(`[A-Za-z0-9_=-]`).Draw(t, "letter")
		changed := whole[:i] + letter + whole[i+1:]
		if changed != whole && !bitbucket.Cloud().Mistyped(secret.New(changed)) {
			t.Fatalf("%q at %d looks right", letter, i)
		}
	})
}

func TestThereIsNoDeviceFlow(t *testing.T) {
	p := bitbucket.Cloud()
	for _, m := range p.Methods() {
		if m == providers.Device {
			t.Error("it is offered")
		}
	}
	if d := p.Device(providers.Host{WebURL: "https://bitbucket.org"}, nil); d.CodeURL != "" || d.TokenURL != "" {
		t.Errorf("it has addresses: %+v", d)
	}
}
