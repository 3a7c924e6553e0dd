package flows_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/oauth"
	"gitgrant/providers/sandbox"
)

// signedIn is what a sign-in at an application of the sandbox brings, and how
// often a person was sent to a page for it.
func signedIn(t *testing.T, kind providers.Kind, app, tokens string, purpose providers.Purpose, m providers.Method) (token oauth.Token, sent int) {
	t.Helper()
	d, server := newDesk(t)
	s := subject(t, d, kind, purpose, "runtime")
	client := sandbox.MustClient(string(kind), app)
	s.Host.ClientID, s.Host.Life = client.ID, tokens
	work := flows.SignIn{Provider: s.Provider, Host: s.Host, Purpose: purpose, Method: m, Secret: secret.New(client.Secret)}
	d.Perform(t.Context(), flows.Effect{Work: work}, func(ev flows.Event) {
		switch what := ev.What.(type) {
		case flows.CodeIssued:
			sent++
			if err := server.Approve(what.Code.User); err != nil {
				t.Error(err)
			}
		case flows.PageOpened:
			sent++
			go func() {
				resp, err := http.PostForm(what.Page.Address, url.Values{"decision": {"approve"}, "login": {"octocat"}})
				if err == nil { // else the visit tells
					_ = resp.Body.Close()
				}
			}()
		case flows.Authorized:
			token = what.Token
		case flows.Failed:
			t.Errorf("the sign-in failed: %v", what.Err)
		}
	})
	return token, sent
}

func TestATokenThatCanBeRenewedIsAskedForWhereTheProfileWantsOne(t *testing.T) {
	for name, test := range map[string]struct {
		kind    providers.Kind
		app     string
		tokens  string
		purpose providers.Purpose
		renews  bool
	}{
		"a user token, and nothing is said of it":      {providers.GitHub, "default", "", providers.User, false},
		"a user token that is to last":                 {providers.GitHub, "default", providers.LongTokens, providers.User, false},
		"a user token of github.com":                   {providers.GitHub, "default", providers.ShortTokens, providers.User, true},
		"a runtime token, which nobody renews":         {providers.GitHub, "default", providers.ShortTokens, providers.Runtime, false},
		"a server that takes no notice":                {providers.GitHubEnterprise, "default", providers.ShortTokens, providers.User, false},
		"an application that refuses it":               {providers.GitHub, "no-offline", providers.ShortTokens, providers.User, false},
		"an application whose tokens all expire":       {providers.GitHub, "always-expires", providers.ShortTokens, providers.Runtime, true},
		"an application whose tokens expire, and more": {providers.GitHub, "always-expires", providers.ShortTokens, providers.User, true},
	} {
		for _, m := range []providers.Method{providers.Device, providers.Browser} {
			t.Run(name+" by "+string(m), func(t *testing.T) {
				t.Parallel()
				token, sent := signedIn(t, test.kind, test.app, test.tokens, test.purpose, m)
				left := time.Until(token.ExpiresAt)
				if renews := !token.Refresh.Empty(); renews != test.renews || renews != (left > 7*time.Hour) {
					t.Errorf("renews is %t, and it ends in %s", renews, left)
				}
				twice := test.app == "no-offline" && m == providers.Browser // a page tells by coming back
				if want := map[bool]int{true: 2, false: 1}[twice]; sent != want {
					t.Errorf("a person was sent to %d pages, not %d", sent, want)
				}
			})
		}
	}
}

func TestWhatRenewsATokenIsNoRightOfIt(t *testing.T) {
	in := providers.Inspection{Kind: providers.OAuthToken, Rights: providers.Rights{Known: true, Scopes: []string{"repo", providers.OfflineAccess}}}
	if excess := providers.PolicyOf(providers.GitHub).Excess(providers.User, in); len(excess) > 0 {
		t.Errorf("it is too much: %v", excess)
	}
}
