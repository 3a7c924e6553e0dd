package oauth_test

import (
	"context"
	"net/url"
	"slices"
	"testing"
	"time"

	"gitgrant/internal/oidc"
	"gitgrant/keyring/secret"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
	"gitgrant/providers/wire"
)

// foreign is the device flow at an OAuth2 server of someone else's. decide is
// called once the flow has polled and heard that nobody has decided yet.
func foreign(t *testing.T, decide func(s *oidc.Server, code oauth.Code)) (oauth.Token, error) {
	t.Helper()
	server := oidc.Start(t)
	client, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{server.URL()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	d := oauth.Device{
		Application: oauth.Application{Site: server.URL(), TokenURL: server.URL() + "/token", ID: oidc.ClientID},
		CodeURL:     server.URL() + "/device/auth", Scopes: []string{"repo", "admin:repo_hook"},
	}
	code, err := d.Start(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	if code.Interval != 5*time.Second {
		t.Errorf("the interval is %s where the server names none; RFC 8628 says 5 s", code.Interval)
	}
	if code.Complete == "" || code.User == "" {
		t.Errorf("code %+v", code)
	}
	pauses := 0
	d.Sleep = func(ctx context.Context, _ time.Duration) error {
		if pauses++; pauses == 2 {
			decide(server, code)
		}
		return ctx.Err()
	}
	return d.Wait(t.Context(), client, code)
}

func TestAnOAuth2ServerOfSomeoneElsesIssuesATokenOnceApproved(t *testing.T) {
	token, err := foreign(t, func(s *oidc.Server, code oauth.Code) { s.ApproveDevice(code.User) })
	if err != nil {
		t.Fatal(err)
	}
	if token.Access.Empty() || token.ExpiresAt.IsZero() {
		t.Errorf("token %+v", token)
	}
	for _, scope := range []string{"repo", "admin:repo_hook"} {
		if !slices.Contains(token.Scopes, scope) {
			t.Errorf("scope %s is not among %v", scope, token.Scopes)
		}
	}
}

func TestAnOAuth2ServerOfSomeoneElsesIsUnderstoodWhenItsUserRefuses(t *testing.T) {
	_, err := foreign(t, func(s *oidc.Server, code oauth.Code) { s.DenyDevice(code.User) })
	if !cause.Is(err, cause.Denied) {
		t.Errorf("error is %v", err)
	}
}

// signedIn is a token of a server of someone else's, the application that it is
// of, and a client for both.
func signedIn(t *testing.T) (*oidc.Server, oauth.Application, *wire.Client, oauth.Token) {
	t.Helper()
	var server *oidc.Server
	token, err := foreign(t, func(s *oidc.Server, code oauth.Code) {
		server = s
		s.ApproveDevice(code.User)
	})
	if err != nil {
		t.Fatal(err)
	}
	client, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{server.URL()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return server, oauth.Application{Site: server.URL(), TokenURL: server.URL() + "/token", ID: oidc.ClientID}, client, token
}

// works reports whether the server takes an access token.
func works(t *testing.T, c *wire.Client, s *oidc.Server, token secret.Secret) bool {
	t.Helper()
	a, err := c.Do(t.Context(), wire.Request{
		URL: s.URL() + "/token/introspection", Form: url.Values{"token": {token.Reveal()}, "client_id": {oidc.ClientID}},
	})
	var told struct{ Active *bool }
	if err != nil || a.JSON(&told) != nil || told.Active == nil {
		t.Fatalf("it does not say: %v, %s", err, a.Body)
	}
	return *told.Active
}

func TestAnOAuth2ServerOfSomeoneElsesRotatesItsRefreshTokens(t *testing.T) {
	server, app, client, first := signedIn(t)
	former := first
	for range 3 {
		next, err := app.Refresh(t.Context(), client, former.Refresh)
		if err != nil {
			t.Fatal(err)
		}
		if next.Refresh.Equal(former.Refresh) || next.Access.Equal(former.Access) || next.ExpiresAt.IsZero() {
			t.Fatal("the new token is the old one")
		}
		if !works(t, client, server, next.Access) || !slices.Contains(next.Scopes, "admin:repo_hook") {
			t.Errorf("the new token does not work, or has %v", next.Scopes)
		}
		former = next
	}
}

func TestARefreshTokenThatIsUsedTwiceEndsItsWholeFamily(t *testing.T) {
	server, app, client, first := signedIn(t)
	second, err := app.Refresh(t.Context(), client, first.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.Refresh(t.Context(), client, first.Refresh); !cause.Is(err, cause.Lapsed) {
		t.Errorf("the old one again: %v", err)
	}
	if _, err := app.Refresh(t.Context(), client, second.Refresh); !cause.Is(err, cause.Lapsed) {
		t.Errorf("the new one after that: %v", err)
	}
	if works(t, client, server, second.Access) {
		t.Error("the access token outlives its family")
	}
}
