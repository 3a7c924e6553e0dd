package github_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/sandbox/sandboxtest"
	"gitgrant/providers/wire"
)

// signIn is what becomes of a sign-in with an application of the sandbox, when the
// person approves once the code is on the screen: the scopes of the token, or
// the cause why there is none, and whether already the code was refused.
type signIn struct {
	scopes  []string
	kind    providers.TokenKind
	renews  bool
	cause   cause.Kind
	noStart bool
}

var asked = []string{"admin:repo_hook", "repo"}

var applications = map[string]signIn{
	"default":         {scopes: asked, kind: providers.OAuthToken},
	"localhost":       {scopes: asked, kind: providers.OAuthToken},
	"suspended":       {scopes: asked, kind: providers.OAuthToken},
	"always-expires":  {scopes: asked, kind: providers.OAuthToken, renews: true},
	"refresh-refused": {scopes: asked, kind: providers.OAuthToken, renews: true},
	"no-offline":      {scopes: asked, kind: providers.OAuthToken},
	"narrow":          {scopes: []string{"repo"}, kind: providers.OAuthToken},
	"app":             {kind: providers.UnknownKind},
	"slow-down":       {scopes: asked, kind: providers.OAuthToken},
	"slow-down-bare":  {scopes: asked, kind: providers.OAuthToken},
	"no-interval":     {scopes: asked, kind: providers.OAuthToken},
	"hang-up":         {scopes: asked, kind: providers.OAuthToken},
	"bad-gateway":     {scopes: asked, kind: providers.OAuthToken},
	"expired-token":   {cause: cause.CodeExpired},
	"token-expired":   {cause: cause.CodeExpired},
	"short-lived":     {cause: cause.CodeExpired},
	"denied":          {cause: cause.Denied},
	"bad-credentials": {cause: cause.UnknownApplication},
	"bad-device-code": {cause: cause.SignInRefused},
	"bad-grant-type":  {cause: cause.DeviceDisabled},
	"disabled":        {cause: cause.DeviceDisabled, noStart: true},
	"disabled-400":    {cause: cause.DeviceDisabled, noStart: true},
	"no-start":        {cause: cause.ServerError, noStart: true},
	"foreign-page":    {cause: cause.NotUnderstood, noStart: true},
	"hostile-code":    {cause: cause.NotUnderstood, noStart: true},
	"nobody's":        {cause: cause.UnknownApplication, noStart: true},
}

func TestASignInAtEveryApplicationOfTheSandbox(t *testing.T) {
	clients := append(sandbox.Clients(), sandbox.Client{Name: "nobody's", ID: "Ov23liNobody", Provider: "github"})
	for _, provider := range both {
		for _, client := range clients {
			if client.Provider == string(provider.Kind()) {
				t.Run(client.Provider+" "+client.Name, func(t *testing.T) { tryApplication(t, provider, client) })
			}
		}
	}
}

func tryApplication(t *testing.T, provider providers.Provider, client sandbox.Client) {
	t.Helper()
	want, listed := applications[client.Name]
	if !listed {
		t.Fatal("nobody has said what becomes of it")
	}
	p := sandboxtest.New(t, both...)
	h, c := p.Reach(t, provider)
	h.ClientID = client.ID
	token, err := signInAt(t, p, provider, h, c, want.noStart)
	if want.cause != "" {
		if !cause.Is(err, want.cause) {
			t.Errorf("error is %v, want %s", err, want.cause)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if token.Refresh.Empty() == want.renews {
		t.Errorf("a refresh token came: %v", !token.Refresh.Empty())
	}
	in, err := provider.Inspect(t.Context(), c, h, token)
	if err != nil {
		t.Fatal(err)
	}
	if in.Kind != want.kind || !slices.Equal(in.Rights.Scopes, want.scopes) || in.Account.Login != "octocat" {
		t.Errorf("%+v", in)
	}
}

// signInAt goes through the device flow; the person approves after the first poll.
func signInAt(t *testing.T, p *sandboxtest.Place, provider providers.Provider, h providers.Host, c *wire.Client, noStart bool) (providers.Credential, error) {
	t.Helper()
	d := provider.Device(h, providers.PolicyOf(h.Provider).Scopes(providers.Runtime, providers.OAuthToken))
	d.Now = p.Now
	code, err := d.Start(t.Context(), c)
	if (err != nil) != noStart || err != nil {
		return providers.Credential{}, err
	}
	if code.Page != h.WebURL+"/login/device" {
		t.Errorf("the code is to be entered at %q", code.Page)
	}
	pauses := 0
	d.Sleep = func(ctx context.Context, pause time.Duration) error {
		p.Wait(pause)
		if pauses++; pauses == 2 {
			if err := p.Approve(code.User); err != nil {
				t.Error(err)
			}
		}
		return ctx.Err()
	}
	token, err := d.Wait(t.Context(), c, code)
	return providers.Credential{Token: token.Access, Refresh: token.Refresh, Method: providers.Device}, err
}
