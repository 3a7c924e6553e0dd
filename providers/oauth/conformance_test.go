package oauth_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"gitgrant/internal/oidc"
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
