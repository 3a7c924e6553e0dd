package oauth_test

import (
	"context"
	"slices"
	"testing"

	"gitgrant/internal/chromium"
	"gitgrant/internal/oidc"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
	"gitgrant/providers/wire"
)

// foreignBrowser is a sign-in in a real browser at an OAuth2 server of someone
// else's, which wants PKCE and names itself when it sends the browser back.
// decide is what a person does there; shown is what the browser shows at last.
func foreignBrowser(t *testing.T, change func(*oauth.Browser), decide func(*chromium.Page)) (token oauth.Token, shown string, err error) {
	t.Helper()
	chrome, server := chromium.Start(t), oidc.Start(t)
	client, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{server.URL()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	b := oauth.Browser{
		Application:  oauth.Application{Site: server.URL(), TokenURL: server.URL() + "/token", ID: oidc.ClientID},
		AuthorizeURL: server.URL() + "/auth", Scopes: []string{"repo", "admin:repo_hook"},
		Redirect: "http://127.0.0.1/callback",
	}
	change(&b)
	v, err := b.Start(pages)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		token, err = v.Wait(ctx, client)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	page := chrome.Open(t, v.Address)
	decide(page)
	if shown = page.Text(); shown == string(pages.Stray) {
		cancel() // nothing else will come
	}
	<-ended
	return token, shown, err
}

func logIn(p *chromium.Page) {
	p.Write("input[name=login]", oidc.Login)
	p.Write("input[name=password]", "any")
	p.Follow("button[type=submit]")
}

func asItIs(*oauth.Browser) {}

func TestAnOAuth2ServerOfSomeoneElsesIssuesATokenToABrowserWithPKCE(t *testing.T) {
	token, shown, err := foreignBrowser(t, asItIs, func(p *chromium.Page) {
		logIn(p)
		p.Follow("button[type=submit]") // of the page of consent
	})
	if err != nil || shown != "returned" {
		t.Fatalf("error %v, the browser shows %q", err, shown)
	}
	if token.Access.Empty() || token.Refresh.Empty() || token.ExpiresAt.IsZero() {
		t.Errorf("token %+v", token)
	}
	for _, scope := range []string{"repo", "admin:repo_hook"} {
		if !slices.Contains(token.Scopes, scope) {
			t.Errorf("scope %s is not among %v", scope, token.Scopes)
		}
	}
}

func TestAnOAuth2ServerOfSomeoneElsesIsUnderstoodWhenItsUserTurnsBackInABrowser(t *testing.T) {
	_, shown, err := foreignBrowser(t, asItIs, func(p *chromium.Page) {
		logIn(p)
		p.Follow("a[href$=abort]")
	})
	if !cause.Is(err, cause.Denied) || shown != "denied" {
		t.Errorf("error %v, the browser shows %q", err, shown)
	}
}

func TestAnOAuth2ServerOfSomeoneElsesThatWantsPKCERefusesASignInWithout(t *testing.T) {
	_, shown, err := foreignBrowser(t, func(b *oauth.Browser) { b.Bare = true }, func(*chromium.Page) {})
	if !cause.Is(err, cause.SignInRefused) || shown != "denied" {
		t.Errorf("error %v, the browser shows %q", err, shown)
	}
}
